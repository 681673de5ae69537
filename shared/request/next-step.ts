import type { Fact } from './records.ts';

export type FunctionName = 'ingest' | 'dispatch' | 'notify';

export type Step =
  | { name: 'accept'; by: 'ingest' }
  | { name: 'plan'; by: 'dispatch' }
  | { name: 'dispatch'; by: 'dispatch' }
  | { name: 'collect'; by: 'notify' }
  | { name: 'announce'; by: 'notify' }
  | { name: 'close'; by: 'notify' }
  /** Nothing is left to do but to forget the open marker. */
  | { name: 'forget'; by: 'notify' }
  | { name: 'wait'; by: 'operator' };

/**
 * The state machine: from what has happened to what happens next, and whose step it is. Handlers and sweeps call it
 * and carry out what it says; nothing else decides. Only the last fact counts: facts come in order, and a fact may be
 * left out where a later one already says more (`completed` without `dispatched`, when the answer of the dispatch
 * never came but the run did end).
 */
export function nextStep(facts: readonly Fact[]): Step {
  const last = facts.at(-1);
  if (!last) return { name: 'accept', by: 'ingest' };
  switch (last.type) {
    case 'accepted':
      return { name: 'plan', by: 'dispatch' };
    case 'planned':
      return { name: 'dispatch', by: 'dispatch' };
    case 'dispatched':
      return { name: 'collect', by: 'notify' };
    case 'completed':
    case 'refused':
      return { name: 'announce', by: 'notify' };
    case 'announced':
      return { name: 'close', by: 'notify' };
    case 'closed':
      return { name: 'forget', by: 'notify' };
    case 'parked':
      return { name: 'wait', by: 'operator' };
    default:
      return unreachable(last);
  }
}

function unreachable(fact: never): never {
  throw new Error(`unknown fact ${JSON.stringify(fact)}`);
}
