import type { Chain } from '../../shared/journal/journal.ts';
import { findFact, type Refusal } from '../../shared/request/records.ts';
import { publishHint } from '../../shared/runtime/publish.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** Writes `refused` after `accepted` and wakes notify. */
export async function refuse(chain: Chain, refusal: Refusal, options: DispatchOptions): Promise<Chain> {
  const { journal, publish, clock, log } = options;
  const accepted = findFact(chain.facts, 'accepted');
  const { chain: next, won } = await journal.append(chain, {
    type: 'refused',
    at: new Date(clock.now()).toISOString(),
    workflow: accepted?.request.workflow ?? '',
    refusal,
    ...(accepted && {
      approval: accepted.request.approval,
      requester: accepted.request.requester,
      approvers: accepted.request.approvers,
    }),
  });
  if (!won) return next;
  log.error('refused', { request_id: chain.requestId, code: refusal.code });
  const data = { request_id: chain.requestId, code: refusal.code };
  await publishHint(publish, { type: 'ProvisionRefused', source: 'approval-loop.dispatch', data }, log);
  return next;
}
