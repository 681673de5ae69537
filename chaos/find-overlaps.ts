import type { Run } from './evidence.ts';
import { groupBy } from './group-by.ts';
import type { Submitted } from './made-by.ts';

/** Pairs of runs for the same person in one workflow that were under way at the same time: the lock is there for that. */
export function findOverlaps(submitted: readonly Submitted[], runs: readonly Run[]): string[] {
  const orders = new Map(submitted.map(({ requestId, order }) => [requestId, order]));
  const bySubject = groupBy(runs, ({ requestId, instanceId }) => {
    const order = orders.get(requestId);
    return order === undefined ? '' : `${order.workflow} ${order.employee} ${instanceId}`;
  });
  bySubject.delete('');
  return [...bySubject].flatMap(([subject, all]) => {
    const inOrder = all.filter(({ startedAt }) => startedAt !== undefined).toSorted((a, b) => startOf(a) - startOf(b));
    return inOrder.flatMap((run, index) => {
      const earlier = inOrder
        .slice(0, index)
        .find(({ endedAt }) => (endedAt ?? Number.POSITIVE_INFINITY) > startOf(run));
      return earlier ? [`${run.requestId} ran for ${subject} while ${earlier.requestId} did`] : [];
    });
  });
}

function startOf({ startedAt = 0 }: Run): number {
  return startedAt;
}
