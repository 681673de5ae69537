import type { Change } from '../change.ts';
import { isOurs } from '../ownership.ts';
import { type SetupTarget, targetNames } from '../target.ts';
import { createRamClient, type RamClient } from './ram-client.ts';

/** Removes the roles and policies that setup has made. A role to which somebody has attached more stays. */
export async function removeRoles(target: SetupTarget): Promise<Change[]> {
  const ram = createRamClient(target);
  const changes: Change[] = [];
  for (const functionName of ['ingest', 'dispatch', 'notify'] as const) {
    const name = targetNames(target).function(functionName);
    changes.push(...(await removeRole(ram, target, name)), ...(await removePolicy(ram, target, name)));
  }
  return changes;
}

async function removeRole(ram: RamClient, target: SetupTarget, name: string): Promise<Change[]> {
  const kind = 'role';
  const role = await ram.findRole(name);
  if (!role) return [];
  if (!isOurs(role.description)) return [{ kind, name, did: 'not ours' }];
  const attached = await ram.listAttached(name);
  const isOwn = (policy: { name: string; type: string }) => policy.name === name && policy.type === 'Custom';
  const others = attached.filter((policy) => !isOwn(policy));
  if (others.length > 0) {
    const detail = `detach ${others.map((policy) => policy.name).join(', ')} from it, then remove again`;
    return [{ kind, name, did: 'kept', detail }];
  }
  if (!target.lookOnly) {
    if (attached.some(isOwn)) await ram.detach(name, name);
    await ram.deleteRole(name);
  }
  return [{ kind, name, did: 'removed' }];
}

/** One that is still attached to a role stays with it. */
async function removePolicy(ram: RamClient, target: SetupTarget, name: string): Promise<Change[]> {
  const kind = 'policy';
  const policy = await ram.findPolicy(name);
  if (!policy) return [];
  if (!isOurs(policy.description)) return [{ kind, name, did: 'not ours' }];
  const attached = (await ram.findRole(name)) ? await ram.listAttached(name) : [];
  if (attached.some((other) => other.name !== name)) return [{ kind, name, did: 'kept', detail: 'its role is kept' }];
  if (!target.lookOnly) await ram.deletePolicy(name);
  return [{ kind, name, did: 'removed' }];
}
