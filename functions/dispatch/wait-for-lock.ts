import type { Chain } from '../../shared/journal/journal.ts';
import { lockSubject } from '../../shared/journal/locks.ts';
import { putNotice } from '../../shared/journal/notices.ts';
import { markWaiting } from '../../shared/journal/waits.ts';
import { findFact } from '../../shared/request/records.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** Whether it is this request's turn; if not, notify is asked to say so once. */
export async function waitForLock(chain: Chain, options: DispatchOptions): Promise<boolean> {
  const { workflows, locks, work, clock, log } = options;
  const request = findFact(chain.facts, 'accepted')?.request;
  const lock = request && workflows.workflows[request.workflow]?.lock;
  if (!request || lock === undefined) return true;
  const taken = await locks.take(lockSubject(lock, request.parameters), chain.requestId);
  if (taken.taken) return true;
  log.info('waiting for another request', { request_id: chain.requestId, lock, held_by: taken.by });
  await markWaiting(work, chain.requestId, clock.now());
  // Who took it a moment ago may not be known yet.
  if (taken.by !== '') await putNotice(work, chain.requestId, { kind: 'waiting', for: taken.by });
  return false;
}
