import type { AlarmName } from '../../shared/alarms.ts';
import type { Log } from '../../shared/log.ts';
import type { ApprovalSource, CallbackReply, CallbackRequest } from '../../shared/platforms/platform.ts';
import type { TakeQuestion } from './group/take-question.ts';
import type { TakeHint } from './take-hint.ts';
import type { TakePress } from './take-press.ts';

/** The answer to a callback, and the request that it brought, if any. */
export interface Received {
  reply: CallbackReply;
  requestId?: string;
}

/**
 * Receive: verify, keep only what is approved or revoked, and take it. The platform hears "success" once the open marker
 * is stored, never before; if it cannot be stored the error goes up, the platform gets a 503 and sends again.
 */
export function createReceive(options: {
  sources: readonly ApprovalSource[];
  takeHint: TakeHint;
  takeQuestion: TakeQuestion;
  takePress: TakePress;
  log: Log;
}): (request: CallbackRequest, deadline: AbortSignal) => Promise<Received> {
  const { sources, takeHint, takeQuestion, takePress, log } = options;
  const alarm = 'callback_rejected' satisfies AlarmName;
  return async (request, deadline) => {
    const source = sources.find((candidate) => candidate.recognises(request));
    if (!source) {
      log.warn('callback rejected', {
        reason: 'no platform recognises it',
        method: request.method.slice(0, 16),
        alarm,
      });
      return { reply: jsonReply(404, 'this is not a callback of a configured platform') };
    }
    const outcome = source.openCallback(request);
    if (outcome.kind === 'rejected') {
      log.warn('callback rejected', { platform: source.name, reason: outcome.reason, alarm });
      return { reply: outcome.reply };
    }
    if (outcome.kind === 'question') {
      await takeQuestion(source.name, outcome.question, deadline);
      return { reply: outcome.reply };
    }
    if (outcome.kind === 'press')
      return { reply: outcome.answer(await takePress(source.name, outcome.press, deadline)) };
    if (outcome.kind !== 'event') {
      const reason = outcome.kind === 'ignored' ? outcome.reason : 'the platform tests the URL';
      log.info('callback answered', { platform: source.name, outcome: outcome.kind, reason });
      return { reply: outcome.reply };
    }
    const { hint, reversal, sentAt, reply } = outcome;
    const taken = await takeHint(
      { platform: source.name, ...hint, ...(reversal && { reversal }), sentAt, way: 'callback' },
      deadline,
    );
    return taken.kind === 'kept' ? { reply, requestId: taken.requestId } : { reply };
  };
}

export function jsonReply(status: number, error: string): CallbackReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) };
}
