import type { Clock } from '../clock.ts';
import type { Chain } from '../journal/journal.ts';
import { hasNotice, putNotice, takeBackNotice } from '../journal/notices.ts';
import type { ObjectStore } from '../journal/object-store.ts';
import { findPause } from '../journal/pauses.ts';
import { markWaiting } from '../journal/waits.ts';
import type { Log } from '../log.ts';
import { findFact } from './records.ts';

/**
 * Whether no pause keeps the run of this request from starting; if one does, notify is asked to say so once. A reversal
 * takes rights away: nobody means to keep those when he pauses, so that it goes through.
 */
export async function waitForResume(
  { requestId, facts }: Chain,
  { work, clock, log }: { work: ObjectStore; clock: Pick<Clock, 'now'>; log: Log },
): Promise<boolean> {
  const request = findFact(facts, 'accepted')?.request;
  if (!request || request.action === 'revoke') return true;
  const [pause, noticed] = await Promise.all([findPause(work, request.workflow), hasNotice(work, requestId, 'paused')]);
  if (!pause) {
    if (noticed) await takeBackNotice(work, requestId, 'paused');
    return true;
  }
  log.info('waiting for a resume', { request_id: requestId, workflow: request.workflow });
  await markWaiting(work, requestId, clock.now());
  await putNotice(work, requestId, { kind: 'paused', pause });
  return false;
}
