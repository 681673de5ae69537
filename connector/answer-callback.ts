import type { Clock } from '../shared/clock.ts';
import { errorMessage } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { PlatformCallback } from './connection.ts';
import { deadlineAfter, withLimit } from './limit.ts';

/** DingTalk waits 2 s for the answer of a card, Lark 3 s; what is left is for the way. */
const ANSWER_WITHIN_MS = 1_700;
const ACT_WITHIN_MS = 1_000;

/**
 * Takes what came on one topic and gives the answer in the platform's own form, what it says being durable by then, or
 * undefined where it is none of ours.
 */
export type TakeCallback = (callback: PlatformCallback, deadline: AbortSignal) => Promise<object | undefined>;

/** By topic: what nobody takes is never asked for. */
export type CallbackTakers = Readonly<Record<string, TakeCallback>>;

/** Decides what the platform hears about a callback. Never rejects: without an answer whoever waits sees that it failed. */
export function createAnswerCallback(options: {
  takers: CallbackTakers;
  clock: Clock;
  log: Log;
}): (callback: PlatformCallback) => Promise<object | undefined> {
  const { takers, clock, log } = options;
  return async (callback) => {
    const { platform, topic, id } = callback;
    const about = { platform, topic: topic.slice(0, 64), callback_id: id.slice(0, 64) };
    const take = Object.hasOwn(takers, topic) ? takers[topic] : undefined;
    if (!take) {
      log.warn('callback left to others', about);
      return undefined;
    }
    const done = new AbortController();
    try {
      const limit = { clock, ms: ANSWER_WITHIN_MS, late: 'it was not taken in time' };
      return await withLimit(limit, () => take(callback, deadlineAfter(clock, ACT_WITHIN_MS, done.signal)));
    } catch (error) {
      log.error('callback not taken', { ...about, error: errorMessage(error) });
      return undefined;
    } finally {
      done.abort();
    }
  };
}
