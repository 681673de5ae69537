import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { EVENT_SOURCES } from '../shared/events.ts';
import type { Change } from './change.ts';
import { unlessMissing } from './event-bridge-client.ts';
import { HTTP_PARAMETERS, OWN_HTTP_SOURCES } from './http-source.ts';
import { isOurs, MADE_BY } from './ownership.ts';
import { type SetupTarget, targetNames } from './target.ts';

export type Sources = readonly sdk.EBUserDefinedEventSourceEntry[];

/** Those of a bus; none if it is not there. */
export async function listSources(client: EventBridge, eventBusName: string): Promise<Sources> {
  const request = new sdk.ListUserDefinedRequest({ eventBusName, limit: 100 });
  return (await unlessMissing(client.listUserDefinedEventSources(request)))?.eventSources ?? [];
}

export function isOwnSource({ name, description }: Sources[number]): boolean {
  return [...EVENT_SOURCES, ...OWN_HTTP_SOURCES].some((own) => own === name) && isOurs(description);
}

/** Plain ones, and those that take HTTP requests where they are wanted. */
export async function setUpSources(
  client: EventBridge,
  target: SetupTarget,
  sources: Sources,
  http: readonly string[],
): Promise<Change[]> {
  const { bus: eventBusName } = targetNames(target);
  const changes: Change[] = [];
  for (const eventSourceName of [...EVENT_SOURCES, ...http]) {
    const found = sources.find(({ name }) => name === eventSourceName);
    const did = !found ? 'created' : isOwnSource(found) ? 'unchanged' : 'updated';
    changes.push({ kind: 'event source', name: eventSourceName, did });
    const parameters = http.includes(eventSourceName) ? { sourceHttpEventParameters: HTTP_PARAMETERS } : {};
    const wanted = { eventBusName, eventSourceName, description: MADE_BY, ...parameters };
    if (target.lookOnly || did === 'unchanged') continue;
    if (found) await client.updateEventSource(new sdk.UpdateEventSourceRequest(wanted));
    else await client.createEventSource(new sdk.CreateEventSourceRequest(wanted));
  }
  const unwanted = OWN_HTTP_SOURCES.filter((own) => !http.includes(own) && sources.some(({ name }) => name === own));
  for (const eventSourceName of unwanted) {
    changes.push({ kind: 'event source', name: eventSourceName, did: 'removed', detail: 'its URL is no longer valid' });
    if (target.lookOnly) continue;
    await client.deleteEventSource(new sdk.DeleteEventSourceRequest({ eventBusName, eventSourceName }));
  }
  return changes;
}
