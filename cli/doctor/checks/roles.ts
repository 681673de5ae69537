import { setUpCommands } from '../../../setup/commands.ts';
import { setUpAccess } from '../../../setup/set-up.ts';
import type { Check } from '../check.ts';
import { fromChanges } from '../from-changes.ts';

export const roles: Check = {
  name: 'roles',
  fine: 'roles, policies and the tags of instances are as setup makes and wants them',
  needs: ['ecs', 'ram'],
  async look(patient) {
    const target = { ...patient.target, lookOnly: true };
    const { commandIds } = await setUpCommands(target, patient.ecs, patient.input);
    const changes = await setUpAccess(target, patient.ecs, patient.input, Object.values(commandIds));
    return fromChanges(changes, patient.setupCommand);
  },
};
