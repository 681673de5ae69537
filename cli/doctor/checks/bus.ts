import { setUpEventBus } from '../../../setup/event-bus.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import type { Check } from '../check.ts';
import { fromChanges } from '../from-changes.ts';

export const bus: Check = {
  name: 'bus and rules',
  fine: 'bus, sources, rules and targets are as setup makes them',
  needs: ['event-bridge'],
  look: async ({ target, file, setupCommand }) =>
    fromChanges(await setUpEventBus({ ...target, lookOnly: true }, loadWorkflows(file)), setupCommand),
};
