import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { EVENT_SOURCES } from '../shared/events.ts';
import type { Change } from './change.ts';
import { createEventBridgeClient } from './event-bridge-client.ts';
import { setUpRules, unlessMissing } from './rules.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** Bus, event sources and rules. What is there already is left as it is, or brought to what it should be. */
export async function setUpEventBus(target: SetupTarget): Promise<Change[]> {
  const client = createEventBridgeClient(target);
  const bus = await setUpBus(client, target);
  return [bus, ...(await setUpSources(client, target)), ...(await setUpRules(client, target))];
}

async function setUpBus(client: EventBridge, target: SetupTarget): Promise<Change> {
  const { bus: eventBusName } = targetNames(target);
  const found = await unlessMissing(client.getEventBus(new sdk.GetEventBusRequest({ eventBusName })));
  if (found) return { kind: 'bus', name: eventBusName, did: 'unchanged' };
  const request = new sdk.CreateEventBusRequest({ eventBusName, description: 'approval-loop' });
  if (!target.lookOnly) await client.createEventBus(request);
  return { kind: 'bus', name: eventBusName, did: 'created' };
}

async function setUpSources(client: EventBridge, target: SetupTarget): Promise<Change[]> {
  const { bus } = targetNames(target);
  const request = new sdk.ListUserDefinedRequest({ eventBusName: bus, limit: 100 });
  const listed = await unlessMissing(client.listUserDefinedEventSources(request));
  const known = new Set((listed?.eventSources ?? []).map((source) => source.name));
  const changes: Change[] = [];
  for (const name of EVENT_SOURCES) {
    const did = known.has(name) ? 'unchanged' : 'created';
    changes.push({ kind: 'event source', name, did });
    if (did === 'unchanged' || target.lookOnly) continue;
    await client.createEventSource(new sdk.CreateEventSourceRequest({ eventBusName: bus, eventSourceName: name }));
  }
  return changes;
}
