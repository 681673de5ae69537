import { TransientError } from '../../../shared/errors.ts';
import type { Origin } from '../../../shared/events.ts';
import type { Marker } from '../../../shared/journal/markers.ts';
import type { Workflow } from '../../../shared/workflows/schema.ts';
import type { IngestOptions } from '../ingest-options.ts';

/** Started and not noted for so long, an approval is not going to be. */
const SETTLED_AFTER_MS = 10 * 60_000;

/**
 * Where the request was asked for, if it was in a group. An approval can be granted before it is noted whose it is: as
 * long as one is being started for the same person, this one waits.
 */
export async function findOrigin(
  { origins, questions, clock }: Pick<IngestOptions, 'origins' | 'questions' | 'clock'>,
  { request_id, platform }: Marker,
  { words }: Workflow,
  requester: string,
): Promise<{ origin?: Origin }> {
  if (words === undefined) return {};
  const origin = await origins.get(request_id);
  if (origin) return { origin };
  for (const id of await questions.list()) {
    const question = await questions.get(id);
    if (question?.platform !== platform || question.sender !== requester) continue;
    const isRecent = clock.now() - question.received_at < SETTLED_AFTER_MS;
    if (isRecent && (await questions.read(id, 'starting')))
      throw new TransientError('origin.unsettled', 'an approval is just being started for this person in a group');
  }
  return {};
}
