import type { Clock } from '../../../shared/clock.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import { ALL_KEYS, type ObjectStore } from '../../../shared/journal/object-store.ts';
import { idsOf, type Questions } from '../../../shared/journal/questions.ts';
import { leaseOf } from './answer-question.ts';

/** The platforms send a message again for some hours at most; a day is the answer to it remembered. */
const REMEMBERED_MS = 24 * 3_600_000;
/** The rest is for the next time. */
const MOST = 200;

/** Removes what was kept of questions that are answered, and the leases of processes that died over one. */
export async function clearQuestions(
  platform: PlatformName,
  { questions, work, clock }: { questions: Questions; work: ObjectStore; clock: Clock },
): Promise<number> {
  const forgotten = await questions.forget(platform, clock.now() - REMEMBERED_MS, MOST);
  const leases = await work.list(`leases/${leaseOf(idsOf(platform))}`, { limit: ALL_KEYS });
  // Listed last: whatever is open by then is in no danger.
  const open = new Set((await questions.list()).map(leaseOf));
  const left = leases.filter((key) => !open.has(key.split('/')[1] ?? '')).slice(0, MOST);
  for (const key of left) await work.delete(key);
  return forgotten + left.length;
}
