import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Log } from '../../../shared/log.ts';
import type { Faults } from '../../faults.ts';
import { type ApprovalEvent, EVENT_TYPES } from '../approval-events.ts';
import type { Quota } from '../quota.ts';
import type { StreamGateway } from './stream-gateway.ts';

/** "Stream" on the "event subscription" page of the console: what comes over the app's connections. */
export const StreamSubscriptionSchema = z.strictObject({
  /** The ticked event types; nothing arrives for the others. */
  events: z.array(z.enum(EVENT_TYPES)).default(['bpms_instance_change']),
});
export type StreamSubscription = z.input<typeof StreamSubscriptionSchema>;

export interface StreamPushes {
  /** Events go over connections from now on; undefined: no more. */
  subscribe(subscription: StreamSubscription | undefined): void;
  /** Starts to push an event, if its type is subscribed. */
  emit(event: ApprovalEvent): void;
  /** Ends retries and cuts all connections. */
  close(): Promise<void>;
}

export interface StreamPushTools {
  clock: Clock;
  log: Log;
  faults: Faults;
  newId: () => string;
  quota: Quota;
  gateway: StreamGateway;
}

/** Pushes over Stream. What could not be delivered is forgotten: the list of failed events is of callbacks. */
export function createStreamPushes(tools: StreamPushTools): StreamPushes {
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let subscription: z.output<typeof StreamSubscriptionSchema> | undefined;
  return {
    subscribe(given) {
      subscription = given && StreamSubscriptionSchema.parse(given);
    },
    emit(event) {
      if (!subscription?.events.includes(event.eventType)) return;
      const task = deliver(event, tools, closing.signal).finally(() => running.delete(task));
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
async function deliver({ eventType, data }: ApprovalEvent, tools: StreamPushTools, signal: AbortSignal): Promise<void> {
  const { clock, log, faults, newId, quota, gateway } = tools;
  const event = { eventType, eventId: newId(), eventBornTime: clock.now(), data };
  const fields = { instance_id: data.processInstanceId, event: eventType, event_id: event.eventId };
  const fault = faults.take('dingtalk', 'push');
  if (fault?.kind === 'drop' || !quota.take('webhookAndStream')) {
    return log.warn('event dropped', { ...fields, reason: fault?.kind === 'drop' ? 'fault' : 'quota used up' });
  }
  try {
    if (fault?.kind === 'delay') await clock.sleep(fault.ms, signal);
    log.info('stream event pushed', { ...fields, type: data.type, result: data.result });
    await gateway.emit(event);
    // An acknowledgement that is lost brings the event once more.
    if (fault?.kind === 'double' || fault?.kind === 'lose_answer') await gateway.emit(event);
  } catch (error) {
    if (!signal.aborted) log.error('push broke off', { ...fields, reason: errorMessage(error) });
  }
}
