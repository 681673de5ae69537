import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { type PlatformName, requestIdOf, revokeIdOf } from '../../shared/ids.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import type { Log } from '../../shared/log.ts';
import type { ApprovalHint } from '../../shared/platforms/platform.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { withinTime } from './within-time.ts';

/** A hint whose time is further off than this is looked at twice. */
const FRESH_MS = 10 * 60_000;

/** An approval that the platform says is finished, or with `reversal` revoked; sent at `sentAt` (ms) as it says. */
export interface ArrivedHint extends ApprovalHint {
  platform: PlatformName;
  reversal?: true;
  sentAt: number;
  /** How it came: a callback over HTTP, an event on a connection that we hold, or a hint that was looked up. */
  way: 'callback' | 'event' | 'hint';
}

export type Taken =
  /** The open marker is durable: the platform may forget it. */
  | { kind: 'kept'; requestId: string }
  /** Nothing to do: no workflow starts on this template, or it was sent long ago and the request is known. */
  | { kind: 'no workflow' | 'known'; requestId: string };

/** Resolves once the hint is durable and accept was tried until `deadline`; rejects if it could not be made durable. */
export type TakeHint = (hint: ArrivedHint, deadline: AbortSignal) => Promise<Taken>;

export interface TakeHintOptions {
  workflows: Workflows;
  journal: Journal;
  markers: Markers;
  clock: Pick<Clock, 'now'>;
  log: Log;
  accept: (requestId: string, deadline: AbortSignal) => Promise<unknown>;
}

/**
 * What follows once a hint is known to be the platform's own, whichever way it came: put the open marker, then accept,
 * which tells the next function, in what is left of the time. What does not fit into it the sweep does.
 */
export function createTakeHint(options: TakeHintOptions): TakeHint {
  const { workflows, journal, markers, clock, log } = options;
  return async ({ platform, instance_id, code, reversal, sentAt, way }, deadline) => {
    const original = requestIdOf(platform, instance_id);
    const requestId = reversal ? revokeIdOf(original) : original;
    log.info(`${way} verified`, { request_id: requestId });
    const idle = (kind: 'no workflow' | 'known', reason: string): Taken => {
      log.info(`${way} answered`, { request_id: requestId, outcome: 'ignored', reason });
      return { kind, requestId };
    };
    if (!findWorkflow(workflows, platform, code))
      return idle('no workflow', `no workflow starts on template ${code.slice(0, 64)}`);
    if (isStale(sentAt, clock.now()) && (await journal.read(requestId)).facts.length > 0)
      return idle('known', 'sent long ago, and the request is known');
    const marker = { request_id: requestId, platform, instance_id, code, received_at: clock.now() };
    const put = await markers.put(marker);
    log.info('marker durable', { request_id: requestId, first: put === 'created' });
    await acceptUntil(deadline, requestId, options);
    return { kind: 'kept', requestId };
  };
}

/** Waits for the accept step, but neither its failure nor its slowness may cost the platform its answer. */
export async function acceptUntil(
  deadline: AbortSignal,
  requestId: string,
  { accept, log }: Pick<TakeHintOptions, 'accept' | 'log'>,
): Promise<void> {
  try {
    await withinTime(accept(requestId, deadline), deadline);
  } catch (error) {
    log.warn('accept left to the sweep', { request_id: requestId, error: errorMessage(error) });
  }
}

/**
 * The platforms send again for hours, so an old hint may be the only one that gets through; but it may also be one that
 * somebody recorded. It counts for a request that is not known yet, which is then looked up once: its record 1, whatever
 * it says, makes it known.
 */
function isStale(sentAt: number, now: number): boolean {
  return Math.abs(now - sentAt) > FRESH_MS;
}
