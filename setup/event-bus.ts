import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { EVENT_SOURCES } from '../shared/events.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Change } from './change.ts';
import { createEventBridgeClient, unlessMissing } from './event-bridge-client.ts';
import {
  findMissing,
  HTTP_PARAMETERS,
  httpRules,
  OWN_HTTP_SOURCES,
  removeHttpRules,
  wantedHttpSources,
} from './http-source.ts';
import { ruleDefinitions } from './rule-definitions.ts';
import { setUpRules } from './rules.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** Bus, event sources and rules. What is there already is left as it is, or brought to what it should be. */
export async function setUpEventBus(target: SetupTarget, workflows: Workflows): Promise<Change[]> {
  const client = createEventBridgeClient(target);
  const bus = await setUpBus(client, target);
  const missing = await findMissing(client, workflows);
  const isThere = (name: string) => !missing.some((change) => change.kind === 'bus' && change.name === name);
  const http = httpRules(target, workflows).filter((rule) => isThere(rule.bus));
  return [
    bus,
    ...missing,
    ...(await removeHttpRules(client, target, http)),
    ...(await setUpSources(client, target, wantedHttpSources(workflows))),
    ...(await setUpRules(client, target, [...ruleDefinitions(target), ...http])),
  ];
}

async function setUpBus(client: EventBridge, target: SetupTarget): Promise<Change> {
  const { bus: eventBusName } = targetNames(target);
  const found = await unlessMissing(client.getEventBus(new sdk.GetEventBusRequest({ eventBusName })));
  if (found) return { kind: 'bus', name: eventBusName, did: 'unchanged' };
  const request = new sdk.CreateEventBusRequest({ eventBusName, description: 'approval-loop' });
  if (!target.lookOnly) await client.createEventBus(request);
  return { kind: 'bus', name: eventBusName, did: 'created' };
}

/** Plain ones, and those that take HTTP requests where they are wanted. */
async function setUpSources(client: EventBridge, target: SetupTarget, http: readonly string[]): Promise<Change[]> {
  const { bus } = targetNames(target);
  const request = new sdk.ListUserDefinedRequest({ eventBusName: bus, limit: 100 });
  const listed = await unlessMissing(client.listUserDefinedEventSources(request));
  const known = new Set((listed?.eventSources ?? []).map((source) => source.name));
  const changes: Change[] = [];
  for (const name of [...EVENT_SOURCES, ...http]) {
    const did = known.has(name) ? 'unchanged' : 'created';
    changes.push({ kind: 'event source', name, did });
    if (did === 'unchanged' || target.lookOnly) continue;
    const source = { eventBusName: bus, eventSourceName: name };
    const parameters = http.includes(name) ? { sourceHttpEventParameters: HTTP_PARAMETERS } : {};
    await client.createEventSource(new sdk.CreateEventSourceRequest({ ...source, ...parameters }));
  }
  for (const name of OWN_HTTP_SOURCES.filter((own) => known.has(own) && !http.includes(own))) {
    changes.push({ kind: 'event source', name, did: 'removed', detail: 'its URL is no longer valid' });
    if (target.lookOnly) continue;
    await client.deleteEventSource(new sdk.DeleteEventSourceRequest({ eventBusName: bus, eventSourceName: name }));
  }
  return changes;
}
