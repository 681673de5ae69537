import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Log } from '../../../shared/log.ts';
import type { Faults } from '../../faults.ts';
import { EVENT_TYPES, type LarkEvent } from '../approval-events.ts';
import { envelopeOf } from '../event-envelope.ts';
import type { Organisation } from '../organisation.ts';
import type { LongConnectionGateway } from './long-connection-gateway.ts';

/** "Receive events through persistent connection" on the "events and callbacks" page of the console. */
export const ConnectionSubscriptionSchema = z.strictObject({
  /** The added event types; nothing arrives for the others. */
  events: z.array(z.enum(EVENT_TYPES)).default(['approval_instance']),
});
export type ConnectionSubscription = z.input<typeof ConnectionSubscriptionSchema>;

export interface ConnectionPushes {
  /** Events go over connections from now on; undefined: no more. */
  subscribe(subscription: ConnectionSubscription | undefined): void;
  /** Starts to push an event, if its type is subscribed, after those that it must not overtake. */
  emit(event: LarkEvent): void;
  /** Ends retries and cuts all connections. */
  close(): Promise<void>;
}

export interface ConnectionPushTools {
  clock: Clock;
  log: Log;
  faults: Faults;
  newId: () => string;
  organisation: Organisation;
  gateway: LongConnectionGateway;
}

/** Pushes over the long connection. What is on its way when the service stops is forgotten. */
export function createConnectionPushes(tools: ConnectionPushTools): ConnectionPushes {
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const tails = new Map<string, Promise<void>>();
  let subscription: z.output<typeof ConnectionSubscriptionSchema> | undefined;
  return {
    subscribe(given) {
      subscription = given && ConnectionSubscriptionSchema.parse(given);
    },
    emit(event) {
      if (!subscription?.events.includes(event.type)) return;
      const before = event.queue === undefined ? undefined : tails.get(event.queue);
      const sent = { ...event, id: tools.newId(), created: tools.clock.now() };
      const start = before ?? Promise.resolve();
      const task = start.then(() => deliver(sent, tools, closing.signal)).finally(() => running.delete(task));
      if (event.queue !== undefined) tails.set(event.queue, task);
      running.add(task);
    },
    async close() {
      closing.abort(new Error('the service is closing'));
      await tools.gateway.close();
      await Promise.all(running);
    },
  };
}

/** Never rejects. */
async function deliver(
  sent: LarkEvent & { id: string; created: number },
  tools: ConnectionPushTools,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, faults, organisation, gateway } = tools;
  if (signal.aborted) return;
  const fields = { event: sent.type, event_id: sent.id };
  const fault = faults.take('lark', 'push');
  if (fault?.kind === 'drop') return log.warn('event dropped', { ...fields, reason: 'fault' });
  // Over the connection the token is the empty text.
  const envelope = envelopeOf(sent, '', organisation);
  try {
    if (fault?.kind === 'delay') await clock.sleep(fault.ms, signal);
    log.info('connection event pushed', fields);
    await gateway.emit(envelope);
    if (fault?.kind === 'double') await gateway.emit(envelope);
  } catch (error) {
    if (!signal.aborted) log.error('push broke off', { ...fields, reason: errorMessage(error) });
  }
}
