import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { createRamState, policySchema, type RamState, roleSchema } from './state.ts';

const fileSchema = z.object({ roles: z.array(roleSchema), policies: z.array(policySchema) });

/**
 * The state as an earlier life of the service has left it in the folder, and how to leave it there again. Throws if the
 * file is not what it should be.
 */
export function openRamState(accountId: string, directory: string): { state: RamState; save(): void } {
  const file = join(directory, 'state.json');
  const state = createRamState(accountId);
  if (existsSync(file)) {
    const { roles, policies } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const role of roles) state.roles.set(role.name, role);
    for (const policy of policies) state.policies.set(policy.name, policy);
  }
  mkdirSync(directory, { recursive: true });
  return {
    state,
    save() {
      const all = { roles: [...state.roles.values()], policies: [...state.policies.values()] };
      writeFileSync(`${file}.tmp`, JSON.stringify(all));
      renameSync(`${file}.tmp`, file);
    },
  };
}
