import { AFTER_THE_END, lastStep, pendingPress } from './presses.ts';
import type { Fact } from './records.ts';

export type FunctionName = 'ingest' | 'dispatch' | 'notify';

export type Step =
  | { name: 'accept'; by: 'ingest' }
  /** The approval is read again before a run that comes late. */
  | { name: 'confirm'; by: 'ingest' }
  | { name: 'plan'; by: 'dispatch' }
  | { name: 'dispatch'; by: 'dispatch' }
  /** The approval holds no longer: make sure that nothing runs, or find out that it does already. */
  | { name: 'cancel'; by: 'dispatch' }
  /** Somebody wants the run stopped. */
  | { name: 'stop'; by: 'dispatch' }
  | { name: 'collect'; by: 'notify' }
  | { name: 'announce'; by: 'notify' }
  /** The result is written on the approval itself, too. */
  | { name: 'comment'; by: 'notify' }
  | { name: 'close'; by: 'notify' }
  /** Somebody wants something of a request that is closed. */
  | { name: 'answer'; by: 'notify' }
  /** Nothing is left to do but to forget the open marker. */
  | { name: 'forget'; by: 'notify' };

/** A run that starts later than this after the approval was last read wants it read again. */
export const CONFIRM_AFTER_MS = 10 * 60_000;

/**
 * The state machine: from what has happened, and what time it is, to what happens next, and whose step it is. Handlers
 * and sweeps call it and carry out what it says; nothing else decides. Only the last fact counts, what has been pressed
 * beside it, and when the approval was last read: facts come in order, and a fact may be left out where a later one already says more (`completed`
 * without `dispatched`, when the answer of the dispatch never came but the run did end).
 */
export function nextStep(facts: readonly Fact[], now: number): Step {
  const last = lastStep(facts);
  if (!last) return { name: 'accept', by: 'ingest' };
  switch (last.type) {
    case 'accepted':
      return { name: 'plan', by: 'dispatch' };
    case 'planned':
    case 'confirmed':
      return isLate(facts, now) ? { name: 'confirm', by: 'ingest' } : { name: 'dispatch', by: 'dispatch' };
    case 'withdrawn':
      return { name: 'cancel', by: 'dispatch' };
    case 'dispatched':
      if (pendingPress(facts, ['stop'])) return { name: 'stop', by: 'dispatch' };
      return { name: 'collect', by: 'notify' };
    case 'completed':
    case 'observed':
    case 'refused':
    case 'cancelled':
    case 'parked':
      return { name: 'announce', by: 'notify' };
    case 'announced':
      if (last.comment_as !== undefined) return { name: 'comment', by: 'notify' };
      return { name: 'close', by: 'notify' };
    case 'commented':
      return { name: 'close', by: 'notify' };
    case 'closed':
      if (pendingPress(facts, AFTER_THE_END)) return { name: 'answer', by: 'notify' };
      return { name: 'forget', by: 'notify' };
    case 'redirected':
      return { name: 'forget', by: 'notify' };
    default:
      return unreachable(last);
  }
}

/** Whether the approval was last read too long ago to start a run on it. */
function isLate(facts: readonly Fact[], now: number): boolean {
  const read = facts.findLast(({ type }) => type === 'accepted' || type === 'confirmed');
  return read !== undefined && now - Date.parse(read.at) > CONFIRM_AFTER_MS;
}

function unreachable(fact: never): never {
  throw new Error(`unknown fact ${JSON.stringify(fact)}`);
}
