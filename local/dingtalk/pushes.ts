import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Collection } from '../collection.ts';
import type { Faults } from '../faults.ts';
import { type ApprovalEvent, EVENT_TYPES } from './approval-events.ts';
import type { CallbackSender } from './callback-sender.ts';
import { type EventSubscription, EventSubscriptionSchema, type ParsedSubscription } from './event-subscription.ts';
import type { Quota } from './quota.ts';

/** https://open.dingtalk.com/document/development/obtain-the-event-list-of-failed-push-messages */
const RETRY_AFTER_MS = [10_000, 30_000];
const FETCHABLE_AFTER_MS = 180_000;
const MAX_FAILED_PER_CALL = 200;

/** An event on its way. It leaves the collection when it was accepted, or by the call after the one that returned it. */
export const PushSchema = z.object({
  eventId: z.string(),
  eventType: z.enum(EVENT_TYPES),
  eventTime: z.number(),
  data: z.looseObject({ processInstanceId: z.string(), type: z.string(), result: z.string().optional() }),
  state: z.enum(['pending', 'failed', 'returned']),
  fetchableAt: z.number(),
});
export type Push = z.infer<typeof PushSchema>;

export interface Pushes {
  subscribe(subscription: EventSubscription): void;
  /** The URL check of the console; rejects with what is wrong. */
  verify(): Promise<void>;
  /** Starts to push an event, if its type is subscribed. */
  emit(event: ApprovalEvent): void;
  /** What failed for good, oldest first; forgets what the call before returned. */
  takeFailed(): { failed: Push[]; hasMore: boolean };
  /** Ends retries; what was on its way counts as failed from the next start. */
  close(): Promise<void>;
}

export interface PushTools {
  clock: Clock;
  log: Log;
  faults: Faults;
  newId: () => string;
  corpId: string;
  quota: Quota;
  sender: CallbackSender;
  pushes: Collection<Push>;
}

export function createPushes(tools: PushTools): Pushes {
  const { clock, newId, pushes, sender } = tools;
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let subscription: ParsedSubscription | undefined;
  for (const push of pushes.all()) if (push.state === 'pending') fail(push, tools);
  return {
    subscribe(given) {
      subscription = EventSubscriptionSchema.parse(given);
    },
    async verify() {
      if (!subscription) throw new Error('there is no event subscription yet: set one before checking its URL');
      const outcome = await sender.send(subscription, { EventType: 'check_url' }, closing.signal);
      if (!outcome.accepted) throw new Error(`${subscription.url} did not pass the URL check: ${outcome.reason}`);
    },
    emit({ eventType, data }) {
      if (!subscription?.events.includes(eventType)) return;
      const push: Push = {
        eventId: newId(),
        eventType,
        eventTime: clock.now(),
        data,
        state: 'pending',
        fetchableAt: 0,
      };
      pushes.put(push);
      const task = deliver(push, subscription, tools, closing.signal).finally(() => running.delete(task));
      running.add(task);
    },
    takeFailed() {
      for (const push of pushes.all()) if (push.state === 'returned') pushes.delete(push.eventId);
      const ready = pushes.all().filter((push) => push.state === 'failed' && push.fetchableAt <= clock.now());
      const failed = ready.slice(0, MAX_FAILED_PER_CALL);
      for (const push of failed) pushes.put({ ...push, state: 'returned' });
      return { failed, hasMore: ready.length > failed.length };
    },
    async close() {
      closing.abort(new Error('the service is closing'));
      await Promise.all(running);
    },
  };
}

/** Sends until accepted, at most three times. Never rejects: a close leaves the push as it is, pending. */
async function deliver(push: Push, to: ParsedSubscription, tools: PushTools, signal: AbortSignal): Promise<void> {
  const { clock, log, pushes, quota } = tools;
  const fault = tools.faults.take('dingtalk', 'push');
  if (fault?.kind === 'drop' || !quota.take('webhookAndStream')) {
    log.warn('callback dropped', { ...fieldsOf(push), reason: fault?.kind === 'drop' ? 'fault' : 'quota used up' });
    return pushes.delete(push.eventId);
  }
  try {
    if (fault?.kind === 'delay') await clock.sleep(fault.ms, signal);
    if (fault?.kind === 'double') await attempt(push, to, tools, signal, 1);
    for (const [index, waitMs] of [0, ...RETRY_AFTER_MS].entries()) {
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      const accepted = await attempt(push, to, tools, signal, index + 1);
      const isLost = fault?.kind === 'lose_answer' && index === 0;
      if (accepted && !isLost) return pushes.delete(push.eventId);
      signal.throwIfAborted();
    }
    fail(push, tools);
  } catch (error) {
    if (!signal.aborted) log.error('push broke off', { ...fieldsOf(push), reason: errorMessage(error) });
  }
}

async function attempt(
  push: Push,
  to: ParsedSubscription,
  { log, sender, corpId }: PushTools,
  signal: AbortSignal,
  number: number,
): Promise<boolean> {
  const { eventId, eventType, eventTime, data } = push;
  const envelope = { EventType: eventType, EventTime: eventTime, CorpId: corpId, BizId: String(eventTime), eventId };
  const fields = { ...fieldsOf(push), attempt: number };
  log.info('callback sent', fields);
  const outcome = await sender.send(to, { ...envelope, ...data }, signal);
  if (outcome.accepted) log.info('callback answered', fields);
  else log.warn('callback failed', { ...fields, reason: outcome.reason });
  return outcome.accepted;
}

function fail(push: Push, { clock, pushes }: Pick<PushTools, 'clock' | 'pushes'>): void {
  pushes.put({ ...push, state: 'failed', fetchableAt: clock.now() + FETCHABLE_AFTER_MS });
}

function fieldsOf({ eventId, eventType, data }: Push) {
  return {
    instance_id: data.processInstanceId,
    event: eventType,
    event_id: eventId,
    type: data.type,
    result: data.result,
  };
}
