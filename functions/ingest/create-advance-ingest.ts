import type { Chain } from '../../shared/journal/journal.ts';
import { createAdvance } from '../../shared/request/advance.ts';
import { createAccept } from './accept.ts';
import { createConfirm } from './confirm.ts';
import type { IngestOptions } from './ingest-options.ts';

/** Takes a request as far as ingest can, until `signal` is aborted. */
export function createAdvanceIngest(
  options: IngestOptions,
): (requestId: string, signal?: AbortSignal) => Promise<Chain> {
  return (requestId, signal) => {
    const steps = { accept: createAccept(options, signal), confirm: createConfirm(options, signal) };
    return createAdvance({ ...options, me: 'ingest', steps })(requestId);
  };
}
