import type { Clock } from '../clock.ts';
import type { Chain, Journal } from '../journal/journal.ts';
import { type FunctionName, nextStep, type Step } from './next-step.ts';

/** Carries out one step and returns the chain after it, or undefined when it cannot go on now. */
export type CarryOut = (chain: Chain) => Promise<Chain | undefined>;
export type StepName = Step['name'];

/**
 * Takes a request as far as this function can: reads its facts, asks the state machine whose turn it is, and carries
 * out its own steps until it is somebody else's turn. Returns the chain as it stands then.
 */
export function createAdvance<Mine extends StepName>(options: {
  me: FunctionName;
  journal: Journal;
  clock: Pick<Clock, 'now'>;
  steps: Record<Mine, CarryOut>;
}): (requestId: string) => Promise<Chain> {
  const isMine = (name: StepName): name is Mine => Object.hasOwn(options.steps, name);
  return async (requestId) => {
    let chain = await options.journal.read(requestId);
    for (;;) {
      const step = nextStep(chain.facts, options.clock.now());
      if (step.by !== options.me || !isMine(step.name)) return chain;
      const next = await options.steps[step.name](chain);
      if (!next) return chain;
      chain = next;
      if (step.name === 'forget') return chain;
    }
  };
}
