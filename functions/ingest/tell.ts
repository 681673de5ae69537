import type { Chain } from '../../shared/journal/journal.ts';
import type { Fact } from '../../shared/request/records.ts';
import { publishHint } from '../../shared/runtime/publish.ts';
import type { IngestOptions } from './ingest-options.ts';

/** Sends the event that wakes the next function; the sweep would find the request without it too. */
export async function tell(
  { requestId }: Chain,
  fact: Fact,
  { publish, log }: Pick<IngestOptions, 'publish' | 'log'>,
): Promise<void> {
  if (fact.type === 'accepted') {
    log.info('accepted', { request_id: requestId, workflow: fact.request.workflow });
    await publishHint(
      publish,
      { type: 'ProvisionRequest', source: `${fact.request.platform}.approval`, data: fact.request },
      log,
    );
  }
  if (fact.type === 'refused') {
    log.warn('refused', { request_id: requestId, code: fact.refusal.code });
    const data = { request_id: requestId, code: fact.refusal.code };
    await publishHint(publish, { type: 'ProvisionRefused', source: 'approval-loop.ingest', data }, log);
  }
  if (fact.type === 'redirected') log.info('redirected', { request_id: requestId, to: fact.to });
}
