import { setUpCommands } from '../../../setup/commands.ts';
import type { Check } from '../check.ts';
import { fromChanges } from '../from-changes.ts';

/** The name of a command carries the hash of its content: one that is found is the released one. */
export const commands: Check = {
  name: 'commands',
  fine: 'Cloud Assistant has the released ones',
  needs: ['ecs'],
  async look({ target, ecs, input, setupCommand }) {
    const { changes } = await setUpCommands({ ...target, lookOnly: true }, ecs, input);
    return fromChanges(changes, setupCommand);
  },
};
