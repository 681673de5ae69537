import type { createEventPublisher } from '../alicloud/put-events.ts';
import type { Clock } from '../clock.ts';
import { errorMessage } from '../errors.ts';
import { eventIdOf, type OwnEvent } from '../events.ts';
import type { Log } from '../log.ts';

/** Puts one of our events on the environment's bus; rejects if the bus did not take it. */
export type Publish = (event: OwnEvent) => Promise<void>;

export function createPublish(options: {
  publisher: ReturnType<typeof createEventPublisher>;
  bus: string;
  clock: Clock;
  log: Log;
}): Publish {
  return async (event) => {
    await options.publisher.putEvents(options.bus, [
      {
        id: eventIdOf(event),
        source: event.source,
        type: event.type,
        subject: event.data.request_id,
        time: new Date(options.clock.now()).toISOString(),
        data: event.data,
      },
    ]);
    options.log.info('event published', { event_type: event.type, request_id: event.data.request_id });
  };
}

/** Publishes an event that only makes things faster: if the bus does not take it, the sweep gets there too. */
export async function publishHint(publish: Publish, event: OwnEvent, log: Log): Promise<void> {
  try {
    await publish(event);
  } catch (error) {
    const fields = { event_type: event.type, request_id: event.data.request_id, error: errorMessage(error) };
    log.warn('event not published, the sweep will go on with this request', fields);
  }
}
