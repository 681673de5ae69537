import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { parseRequestId } from '../../shared/ids.ts';
import type { LogEntry } from '../../shared/log.ts';
import { createStepReader, type SeenStep } from './steps.ts';
import { watchActivity } from './watch-activity.ts';

export interface FollowEvents {
  onStep(step: SeenStep): void;
  /** Anything logged as a warning or an error meanwhile. */
  onTrouble(entry: LogEntry): void;
}

/**
 * Watches a request from before `begin` until it is closed, ignored, or the signal is aborted, and returns its steps.
 * Throws when the cloud stops meanwhile.
 */
export async function followRequest(
  cloud: CloudDescription,
  requestId: string,
  begin: () => Promise<void>,
  events: FollowEvents,
  signal: AbortSignal,
): Promise<SeenStep[]> {
  const steps: SeenStep[] = [];
  const read = createStepReader(requestId, Date.now());
  const [ended, lost] = [new AbortController(), new AbortController()];
  const onEntry = (entry: LogEntry) => {
    for (const step of read(entry)) {
      steps.push(step);
      events.onStep(step);
    }
    if (entry.level === 'warn' || entry.level === 'error') events.onTrouble(entry);
    if (isEnd(entry, requestId)) ended.abort();
  };
  const stop = await watchActivity(cloud, onEntry, () => lost.abort());
  try {
    await begin();
    await aborted(AbortSignal.any([ended.signal, lost.signal, signal]));
  } finally {
    stop();
  }
  if (lost.signal.aborted && !ended.signal.aborted) {
    throw new Error(`the embedded cloud stopped before ${requestId} was closed; its next start goes on with it`);
  }
  return steps;
}

/** Closed, or a callback that starts nothing: the platforms say so each in its own words. */
function isEnd({ message, fields }: LogEntry, requestId: string): boolean {
  if (message === 'callback sent' || message === 'callback verified') return false;
  if (fields['request_id'] === requestId) return message === 'closed' || fields['outcome'] === 'ignored';
  if (fields['instance_id'] !== parseRequestId(requestId)?.instanceId) return false;
  return (
    (message === 'callback answered' && fields['result'] === 'refuse') ||
    (message === 'event answered' && fields['status'] === 'REJECTED')
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
