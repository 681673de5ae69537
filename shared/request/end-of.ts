import { type Fact, findFact, type RunEnd } from './records.ts';

/** How a request can end: as its run did, without one, or as a pointer to the request that carries it out. */
export type FinalEnd = RunEnd | 'Observed' | 'Refused' | 'Withdrawn' | 'Parked';

/**
 * How a request ended, or undefined while it has not. What has run comes first: a request that was parked later on
 * still ended as its run did.
 */
export function endOf(facts: readonly Fact[]): FinalEnd | 'Redirected' | undefined {
  const completed = findFact(facts, 'completed');
  if (completed) return completed.status;
  if (findFact(facts, 'observed')) return 'Observed';
  if (findFact(facts, 'refused')) return 'Refused';
  if (findFact(facts, 'cancelled')) return 'Withdrawn';
  if (findFact(facts, 'parked')) return 'Parked';
  return findFact(facts, 'redirected') && 'Redirected';
}
