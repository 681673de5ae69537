import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { EVENT_SOURCES } from '../shared/events.ts';
import type { Change } from './change.ts';
import { createEventBridgeClient, unlessMissing } from './event-bridge-client.ts';
import { httpRuleNames, OWN_HTTP_SOURCES, removeHttpRules } from './http-source.ts';
import { ruleDefinitions } from './rule-definitions.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** Removes the rules of the environment, then its sources and its bus, unless somebody has rules of their own there. */
export async function removeEventBus(target: SetupTarget): Promise<Change[]> {
  const client = createEventBridgeClient(target);
  const changes: Change[] = [];
  const definitions = ruleDefinitions(target);
  for (const { bus, name } of definitions) {
    const names = { eventBusName: bus, ruleName: name };
    if (!(await unlessMissing(client.getRule(new sdk.GetRuleRequest(names))))) continue;
    if (!target.lookOnly) await client.deleteRule(new sdk.DeleteRuleRequest(names));
    changes.push({ kind: 'rule', name, did: 'removed' });
  }
  const own = new Set([...definitions.map(({ name }) => name), ...httpRuleNames(target)]);
  return [...changes, ...(await removeHttpRules(client, target, [])), ...(await removeBus(client, target, own))];
}

async function removeBus(client: EventBridge, target: SetupTarget, own: ReadonlySet<string>): Promise<Change[]> {
  const { bus: eventBusName } = targetNames(target);
  const kind = 'bus';
  if (!(await unlessMissing(client.getEventBus(new sdk.GetEventBusRequest({ eventBusName }))))) return [];
  const { rules } = await client.listRules(new sdk.ListRulesRequest({ eventBusName, limit: 100 }));
  const others = rules.filter(({ ruleName }) => !own.has(ruleName)).map(({ ruleName }) => ruleName);
  if (others.length > 0) {
    const detail = `it has rules of somebody else: ${others.join(', ')}`;
    return [{ kind, name: eventBusName, did: 'kept', detail }];
  }
  if (!target.lookOnly) {
    const listed = await client.listUserDefinedEventSources(
      new sdk.ListUserDefinedRequest({ eventBusName, limit: 100 }),
    );
    const known = new Set((listed.eventSources ?? []).map(({ name }) => name));
    for (const eventSourceName of [...EVENT_SOURCES, ...OWN_HTTP_SOURCES])
      if (known.has(eventSourceName))
        await client.deleteEventSource(new sdk.DeleteEventSourceRequest({ eventBusName, eventSourceName }));
    await client.deleteEventBus(new sdk.DeleteEventBusRequest({ eventBusName }));
  }
  return [{ kind, name: eventBusName, did: 'removed' }];
}
