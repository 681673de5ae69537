import type { Chain } from '../../shared/journal/journal.ts';
import { lockSubject } from '../../shared/journal/locks.ts';
import { putNotice } from '../../shared/journal/notices.ts';
import { markWaiting } from '../../shared/journal/waits.ts';
import { findFact } from '../../shared/request/records.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/**
 * Whether it is this request's turn; if not, notify is asked to say so once. Under the lease of the run, so that no
 * copy of this function gives the lock back meanwhile.
 */
export async function waitForLock(chain: Chain, options: DispatchOptions): Promise<boolean> {
  const { locks, work, clock, log } = options;
  const subject = lockOf(chain, options);
  if (subject === undefined) return true;
  const taken = await locks.take(subject, chain.requestId);
  if (taken.taken) return true;
  log.info('waiting for another request', { request_id: chain.requestId, held_by: taken.by });
  await markWaiting(work, chain.requestId, clock.now());
  // Who took it a moment ago may not be known yet.
  if (taken.by !== '') await putNotice(work, chain.requestId, { kind: 'waiting', for: taken.by });
  return false;
}

/** Lets others about the same subject go first. Under the lease of the run. */
export async function giveLockBack(chain: Chain, options: DispatchOptions): Promise<void> {
  const subject = lockOf(chain, options);
  if (subject !== undefined) await options.locks.release(subject, chain.requestId);
}

function lockOf(chain: Chain, { workflows }: DispatchOptions): string | undefined {
  const request = findFact(chain.facts, 'accepted')?.request;
  const lock = request && workflows.workflows[request.workflow]?.lock;
  return request && lock !== undefined ? lockSubject(lock, request.parameters) : undefined;
}
