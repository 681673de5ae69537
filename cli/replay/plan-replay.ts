import { isRequestId } from '../../shared/ids.ts';
import { type FunctionName, nextStep } from '../../shared/request/next-step.ts';
import { lastStep } from '../../shared/request/presses.ts';
import { UsageError } from '../io.ts';
import type { Place } from './open-place.ts';

/** Whose turn it is, and the event that makes it look at the request. */
export type Replay =
  | { kind: 'invoke'; functionName: FunctionName; step: string; event: object }
  /** The request has ended, and nothing of it is open. */
  | { kind: 'nothing to do' };

/** An event only says "look at this request": what happens then the journal decides, so that nothing runs twice. */
export async function planReplay(requestId: string, { journal, markers }: Place, now: number): Promise<Replay> {
  if (!isRequestId(requestId))
    throw new UsageError(
      `"${requestId.slice(0, 80)}" is no request id; it is like dingtalk.<approval instance id>, and "requests list --all" names them all`,
    );
  const [{ facts }, marker] = await Promise.all([journal.read(requestId), markers.get(requestId)]);
  if (facts.length === 0 && !marker)
    throw new UsageError(`there is no request ${requestId} in this environment; "requests list --all" names them all`);
  if (!marker && lastStep(facts)?.type === 'closed') return { kind: 'nothing to do' };
  const { name: step, by } = nextStep(facts, now);
  return { kind: 'invoke', functionName: by, step, event: eventFor(by, requestId, now) };
}

/** Ingest takes callbacks and timers alone: its sweep goes on with every open request, this one among them. */
function eventFor(by: FunctionName, requestId: string, now: number): object {
  const data = { request_id: requestId };
  if (by === 'dispatch') return { type: 'ProvisionRequest', data };
  if (by === 'notify') return { type: 'ProvisionStarted', data };
  return { triggerTime: new Date(now).toISOString(), triggerName: 'replay', payload: 'sweep' };
}
