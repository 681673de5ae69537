import { isDeepStrictEqual } from 'node:util';
import type { FunctionName } from '../../shared/request/next-step.ts';
import type { Change } from '../change.ts';
import { foreignChange, isOurs, MADE_BY } from '../ownership.ts';
import { type SetupTarget, targetNames } from '../target.ts';
import { functionPolicy, type PolicyInput } from './function-policies.ts';
import { FUNCTION_TRUST } from './policy.ts';
import { createRamClient, type RamClient } from './ram-client.ts';

/** What the roles must allow for. */
type RolesInput = Pick<PolicyInput, 'workflows' | 'commandIds' | 'secrets'>;

const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;

/**
 * A role for each function, with one policy of the same name. A role or policy of that name that somebody else has made
 * is refused, and what else is attached to a role is only named.
 */
export async function setUpRoles(target: SetupTarget, input: RolesInput): Promise<Change[]> {
  const ram = createRamClient(target);
  return (await Promise.all(FUNCTION_NAMES.map((name) => setUpRole(ram, target, name, input)))).flat();
}

async function setUpRole(
  ram: RamClient,
  target: SetupTarget,
  functionName: FunctionName,
  input: RolesInput,
): Promise<Change[]> {
  const name = targetNames(target).function(functionName);
  const role = await ensureRole(ram, target, name);
  if (role.did === 'refused') return [role];
  const { environmentName, region, accountId } = target;
  const document = functionPolicy(functionName, { ...input, environmentName, region, accountId });
  const policy = await ensurePolicy(ram, target, name, document);
  if (policy.did === 'refused') return [role, policy];
  const attached = role.did === 'created' ? [] : await ram.listAttached(name);
  return [role, policy, ...(await ensureAttached(ram, target, name, attached))];
}

async function ensureRole(ram: RamClient, target: SetupTarget, name: string): Promise<Change> {
  const kind = 'role';
  const found = await ram.findRole(name);
  if (!found) {
    if (!target.lookOnly) await ram.createRole(name, MADE_BY, FUNCTION_TRUST);
    return { kind, name, did: 'created' };
  }
  const own = isOurs(found.description);
  const change = own ? undefined : foreignChange(target, kind, name);
  if (change?.did === 'refused') return change;
  if (own && isDeepStrictEqual(found.trust, FUNCTION_TRUST)) return { kind, name, did: 'unchanged' };
  if (!target.lookOnly) await ram.updateRole(name, MADE_BY, FUNCTION_TRUST);
  return change ?? { kind, name, did: 'updated', detail: 'who may take it on' };
}

async function ensurePolicy(ram: RamClient, target: SetupTarget, name: string, document: object): Promise<Change> {
  const kind = 'policy';
  const found = await ram.findPolicy(name);
  if (!found) {
    if (!target.lookOnly) await ram.createPolicy(name, MADE_BY, document);
    return { kind, name, did: 'created' };
  }
  const own = isOurs(found.description);
  const change = own ? undefined : foreignChange(target, kind, name);
  if (change?.did === 'refused') return change;
  const fits = isDeepStrictEqual(found.document, document);
  if (own && fits) return { kind, name, did: 'unchanged' };
  if (!target.lookOnly && !fits) await ram.replacePolicy(name, document);
  if (!target.lookOnly && !own) await ram.describePolicy(name, MADE_BY);
  return change ?? { kind, name, did: 'updated', detail: 'what it allows' };
}

async function ensureAttached(
  ram: RamClient,
  target: SetupTarget,
  name: string,
  attached: Awaited<ReturnType<RamClient['listAttached']>>,
): Promise<Change[]> {
  const isOwn = (policy: { name: string; type: string }) => policy.name === name && policy.type === 'Custom';
  const own: Change = { kind: 'attachment', name, did: attached.some(isOwn) ? 'unchanged' : 'created' };
  if (own.did === 'created' && !target.lookOnly) await ram.attach(name, name);
  const others = attached.filter((policy) => !isOwn(policy));
  return [
    own,
    ...others.map(
      (policy): Change => ({
        kind: 'attachment',
        name: `${name} with ${policy.name}`,
        did: 'not ours',
        detail: 'the function may do more than setup allows it; detach the policy if nobody needs it',
      }),
    ),
  ];
}
