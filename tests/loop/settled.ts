import { nextEntry } from './entries.ts';
import type { Approval, Loop, Traces } from './start-loop.ts';

/** What is left once a request is closed. An event that comes again after the end opens it until the next sweep. */
export async function settled(loop: Loop, approval: Pick<Approval, 'requestId'>): Promise<Traces> {
  const { requestId } = approval;
  await loop.closed(approval);
  for (;;) {
    const again = nextEntry(loop.cloud.activity, 'closed', { request_id: requestId });
    const traces = await loop.traces(requestId);
    if (!traces.left.includes(`open/${requestId}`)) return traces;
    await again;
  }
}
