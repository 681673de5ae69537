import type { Clock } from '../../shared/clock.ts';
import { requestIdOf, revokeIdOf } from '../../shared/ids.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import type { Log } from '../../shared/log.ts';
import type { ApprovalSource, CallbackReply, CallbackRequest } from '../../shared/platforms/platform.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** A callback whose time is further off than this is looked at twice. */
const FRESH_MS = 10 * 60_000;

/** The answer to a callback, and the request to go on with, if it brought one. */
export interface Received {
  reply: CallbackReply;
  requestId?: string;
}

/**
 * Receive: verify, keep only what is approved or revoked, and make it durable. The platform hears "success" once the
 * open marker is stored, never before; if it cannot be stored the error goes up, the platform gets a 503 and sends again.
 */
export function createReceive(options: {
  sources: readonly ApprovalSource[];
  workflows: Workflows;
  journal: Journal;
  markers: Markers;
  clock: Clock;
  log: Log;
}): (request: CallbackRequest) => Promise<Received> {
  const { sources, workflows, journal, markers, clock, log } = options;
  return async (request) => {
    const source = sources.find((candidate) => candidate.recognises(request));
    if (!source) {
      log.warn('callback rejected', { reason: 'no platform recognises it', method: request.method.slice(0, 16) });
      return { reply: jsonReply(404, 'this is not a callback of a configured platform') };
    }
    const outcome = source.openCallback(request);
    if (outcome.kind === 'rejected') {
      log.warn('callback rejected', { platform: source.name, reason: outcome.reason });
      return { reply: outcome.reply };
    }
    if (outcome.kind !== 'event') {
      const reason = outcome.kind === 'ignored' ? outcome.reason : 'the platform tests the URL';
      log.info('callback answered', { platform: source.name, outcome: outcome.kind, reason });
      return { reply: outcome.reply };
    }
    const { instance_id, code } = outcome.hint;
    const original = requestIdOf(source.name, instance_id);
    const requestId = outcome.reversal ? revokeIdOf(original) : original;
    log.info('callback verified', { request_id: requestId });
    const idle = (reason: string): Received => {
      log.info('callback answered', { request_id: requestId, outcome: 'ignored', reason });
      return { reply: outcome.reply };
    };
    if (!findWorkflow(workflows, source.name, code)) return idle(`no workflow starts on template ${code.slice(0, 64)}`);
    if (isStale(outcome.sentAt, clock.now()) && (await journal.read(requestId)).facts.length > 0)
      return idle('sent long ago, and the request is known');
    const marker = { request_id: requestId, platform: source.name, instance_id, code, received_at: clock.now() };
    const put = await markers.put(marker);
    log.info('marker durable', { request_id: requestId, first: put === 'created' });
    return { reply: outcome.reply, requestId };
  };
}

/**
 * The platforms send again for hours, so an old callback may be the only one that gets through; but it may also be one
 * that somebody recorded. It counts for a request that is not known yet, which is then looked up once: its record 1,
 * whatever it says, makes it known.
 */
function isStale(sentAt: number, now: number): boolean {
  return Math.abs(now - sentAt) > FRESH_MS;
}

export function jsonReply(status: number, error: string): CallbackReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) };
}
