import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Collection } from '../collection.ts';
import type { Faults } from '../faults.ts';
import { EVENT_TYPES, type LarkEvent } from './approval-events.ts';
import { envelopeOf } from './event-envelope.ts';
import type { EventOutcome, EventSender } from './event-sender.ts';
import { type EventSubscription, EventSubscriptionSchema, type ParsedSubscription } from './event-subscription.ts';
import type { Organisation } from './organisation.ts';

/** https://open.feishu.cn/document/ukTMukTMukTM/uUTNz4SN1MjL1UzM */
const RETRY_AFTER_MS = [15_000, 300_000, 3_600_000, 21_600_000];

/** An event on its way. It leaves the collection when it was answered or given up. */
export const PushSchema = z.object({
  id: z.string(),
  type: z.enum(EVENT_TYPES),
  schema: z.enum(['1.0', '2.0']),
  queue: z.string().optional(),
  event: z.record(z.string(), z.unknown()),
  created: z.number(),
  /** How often it was sent. */
  attempts: z.number().int(),
  /** When it is to be sent next. */
  due: z.number(),
});
export type Push = z.infer<typeof PushSchema>;

export interface Pushes {
  /** From now on events go there, also those that an earlier life of the service left behind. */
  subscribe(subscription: EventSubscription): void;
  /** The URL check of the console; rejects with what is wrong. */
  verify(): Promise<void>;
  /** Starts to push an event, if its type is subscribed. */
  emit(event: LarkEvent): void;
  /** A callback: sent once, never again. Undefined where the console names no address for it. */
  call(type: string, event: Record<string, unknown>): Promise<EventOutcome | undefined>;
  /** Ends retries; they go on once there is a subscription after the next start. */
  close(): Promise<void>;
}

export interface PushTools {
  clock: Clock;
  log: Log;
  faults: Faults;
  newId: () => string;
  organisation: Organisation;
  sender: EventSender;
  pushes: Collection<Push>;
}

export function createPushes(tools: PushTools): Pushes {
  const { clock, newId, organisation, pushes, sender } = tools;
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const tails = new Map<string, Promise<void>>();
  let leftBehind = pushes.all();
  let subscription: ParsedSubscription | undefined;
  const launch = (push: Push) => {
    const before = tails.get(push.queue ?? '') ?? Promise.resolve();
    const to = () => subscription;
    const start = push.queue === undefined ? Promise.resolve() : before;
    const task = start.then(() => deliver(push, to, tools, closing.signal)).finally(() => running.delete(task));
    if (push.queue !== undefined) tails.set(push.queue, task);
    running.add(task);
  };
  return {
    subscribe(given) {
      subscription = EventSubscriptionSchema.parse(given);
      for (const push of leftBehind) launch(push);
      leftBehind = [];
    },
    async verify() {
      if (!subscription) throw new Error('there is no event subscription yet: set one before checking its URL');
      const wrong = await sender.challenge(subscription, closing.signal);
      if (wrong) throw new Error(`${subscription.url} did not pass the URL check: ${wrong}`);
    },
    emit(event) {
      if (!subscription?.events.includes(event.type)) return;
      const now = clock.now();
      const push: Push = { ...event, id: newId(), created: now, attempts: 0, due: now };
      pushes.put(push);
      launch(push);
    },
    async call(type, event) {
      if (!subscription?.cardCallbacks) return undefined;
      const sent = { id: newId(), type, schema: '2.0', event, created: clock.now() } as const;
      const body = envelopeOf(sent, subscription.verificationToken, organisation);
      return sender.send(subscription, body, closing.signal);
    },
    async close() {
      closing.abort(new Error('the service is closing'));
      await Promise.all(running);
    },
  };
}

type Target = () => ParsedSubscription | undefined;

/** Sends until answered, at most five times. Never rejects: a close leaves the push where it is. */
async function deliver(push: Push, to: Target, tools: PushTools, signal: AbortSignal): Promise<void> {
  const { clock, log, pushes } = tools;
  if (signal.aborted) return;
  const fault = tools.faults.take('lark', 'push');
  if (fault?.kind === 'drop') {
    log.warn('event dropped', { ...fieldsOf(push), reason: 'fault' });
    return pushes.delete(push.id);
  }
  try {
    if (fault?.kind === 'delay') await clock.sleep(fault.ms, signal);
    if (fault?.kind === 'double') await attempt(push, to, tools, signal);
    for (let current = push; ; ) {
      const wait = current.due - clock.now();
      if (wait > 0) await clock.sleep(wait, signal);
      const answered = await attempt(current, to, tools, signal);
      signal.throwIfAborted();
      const next = RETRY_AFTER_MS[current.attempts];
      if (answered || next === undefined) return pushes.delete(push.id);
      current = { ...current, attempts: current.attempts + 1, due: clock.now() + next };
      pushes.put(current);
    }
  } catch (error) {
    if (!signal.aborted) log.error('push broke off', { ...fieldsOf(push), reason: errorMessage(error) });
  }
}

async function attempt(push: Push, to: Target, tools: PushTools, signal: AbortSignal): Promise<boolean> {
  const { log, sender, organisation } = tools;
  const subscription = to();
  if (!subscription) return false;
  const fields = { ...fieldsOf(push), attempt: push.attempts + 1 };
  log.info('event sent', fields);
  const body = envelopeOf(push, subscription.verificationToken, organisation);
  const outcome = await sender.send(subscription, body, signal);
  if (outcome.kind === 'answered') log.info('event answered', fields);
  else log.warn('event failed', { ...fields, reason: outcome.reason });
  return outcome.kind === 'answered';
}

function fieldsOf({ id, type, event }: Push) {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { instance_id: text(event.instance_code), event: type, event_id: id, status: text(event.status) };
}
