import type { Log } from '../../shared/log.ts';
import type { DoorCall, Fault } from '../faults.ts';
import type { HttpRequest } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { requestParameters } from '../signatures/request-parameters.ts';
import { isAllowed, type Permission } from './is-allowed.ts';
import { neededPermissions, type Surroundings } from './needed-permissions.ts';
import { readPolicy } from './read-policy.ts';
import type { RamState } from './state.ts';

export interface GateOptions extends Surroundings {
  state: RamState;
  identities: Identities;
  log: Log;
}

/**
 * Stands before the other services: who calls with the key of a role may do what the policies of the role allow at this
 * moment, and nothing else. A key without a role is the account's own and may do everything.
 */
export function createGate(options: GateOptions): (call: DoorCall) => Fault | undefined {
  const { state, identities, log } = options;
  return (call) => {
    const role = identities.find(accessKeyIdOf(call.request))?.role;
    if (role === undefined) return undefined;
    const denied = neededPermissions(call, options).filter((permission) => !roleAllows(state, role, permission));
    if (denied.length === 0) return undefined;
    for (const { action, resource } of denied) log.warn('access denied', { role, action, resource });
    const message = `${role} may not ${denied.map(({ action, resource }) => `${action} on ${resource}`).join(', ')}`;
    return { kind: 'error', status: 403, code: call.service === 'oss' ? 'AccessDenied' : 'Forbidden.RAM', message };
  };
}

function roleAllows({ roles, policies }: RamState, role: string, permission: Permission): boolean {
  const attached = roles.get(role)?.attached ?? [];
  return attached.some(({ name, type }) => {
    const versions = type === 'Custom' ? policies.get(name)?.versions : undefined;
    const policy = readPolicy(versions?.find(({ isDefault }) => isDefault)?.document ?? '');
    return policy !== undefined && isAllowed(policy, permission);
  });
}

/**
 * `Credential=<key>` of ACS3 and OSS V4, `acs:<key>:…` of EventBridge, `OSS <key>:…` of OSS V1, `LOG <key>:…` of SLS; in
 * RPC a parameter of query or form.
 */
function accessKeyIdOf(request: HttpRequest): string {
  const [, key] = /(?:Credential=|^acs[: ]|^OSS |^LOG )([^,/:\s]+)/.exec(request.headers.authorization ?? '') ?? [];
  return key ?? new Map(requestParameters(request)).get('AccessKeyId') ?? '';
}
