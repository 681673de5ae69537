import type { CarryOut } from '../../shared/request/advance.ts';
import type { DispatchOptions } from './dispatch-options.ts';
import { createPlan } from './plan.ts';
import { createRunSteps } from './run.ts';
import { createStop } from './stop.ts';

/** The steps of dispatch: freeze the plan, run it once, stop it, or make sure that what was withdrawn never runs. */
export function createDispatchSteps(
  options: DispatchOptions,
): Record<'plan' | 'dispatch' | 'cancel' | 'stop', CarryOut> {
  const steps = createRunSteps(options);
  return { ...steps, stop: createStop(options), plan: createPlan(options, steps.cancel) };
}
