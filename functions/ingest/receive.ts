import type { Clock } from '../../shared/clock.ts';
import { requestIdOf } from '../../shared/ids.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import type { Log } from '../../shared/log.ts';
import type { ApprovalSource, CallbackReply, CallbackRequest } from '../../shared/platforms/platform.ts';
import { findWorkflow } from '../../shared/workflows/load-workflows.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** The answer to a callback, and the request to go on with, if it brought one. */
export interface Received {
  reply: CallbackReply;
  requestId?: string;
}

/**
 * Receive: verify, keep only what is approved, and make it durable. The platform hears "success" once the open marker
 * is stored, never before; if it cannot be stored the error goes up, the platform gets a 503 and sends again.
 */
export function createReceive(options: {
  sources: readonly ApprovalSource[];
  workflows: Workflows;
  markers: Markers;
  clock: Clock;
  log: Log;
}): (request: CallbackRequest) => Promise<Received> {
  const { sources, workflows, markers, clock, log } = options;
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
    const requestId = requestIdOf(source.name, instance_id);
    log.info('callback verified', { request_id: requestId });
    if (!findWorkflow(workflows, source.name, code)) {
      log.info('callback answered', {
        request_id: requestId,
        outcome: 'ignored',
        reason: `no workflow starts on template ${code.slice(0, 64)}`,
      });
      return { reply: outcome.reply };
    }
    const marker = { request_id: requestId, platform: source.name, instance_id, code, received_at: clock.now() };
    const put = await markers.put(marker);
    log.info('marker durable', { request_id: requestId, first: put === 'created' });
    return { reply: outcome.reply, requestId };
  };
}

export function jsonReply(status: number, error: string): CallbackReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) };
}
