import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { EVENT_SOURCES } from '../shared/events.ts';
import type { Change } from './change.ts';
import { createEventBridgeClient, unlessMissing } from './event-bridge-client.ts';
import { isOwnBus } from './event-bus.ts';
import { listSources } from './event-sources.ts';
import { httpRuleNames, OWN_HTTP_SOURCES, removeHttpRules } from './http-source.ts';
import { isOurs } from './ownership.ts';
import { ruleDefinitions } from './rule-definitions.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** Removes the rules of the environment, then its sources and its bus, unless somebody has rules of their own there. */
export async function removeEventBus(target: SetupTarget): Promise<Change[]> {
  const client = createEventBridgeClient(target);
  const changes: Change[] = [];
  const definitions = ruleDefinitions(target);
  for (const { bus, name } of definitions) {
    const names = { eventBusName: bus, ruleName: name };
    const found = await unlessMissing(client.getRule(new sdk.GetRuleRequest(names)));
    if (!found) continue;
    if (!isOurs(found.description)) {
      changes.push({ kind: 'rule', name, did: 'not ours' });
      continue;
    }
    if (!target.lookOnly) await client.deleteRule(new sdk.DeleteRuleRequest(names));
    changes.push({ kind: 'rule', name, did: 'removed' });
  }
  const own = new Set([...definitions.map(({ name }) => name), ...httpRuleNames(target)]);
  return [...changes, ...(await removeHttpRules(client, target, [])), ...(await removeBus(client, target, own))];
}

async function removeBus(client: EventBridge, target: SetupTarget, own: ReadonlySet<string>): Promise<Change[]> {
  const { bus: eventBusName } = targetNames(target);
  const kind = 'bus';
  const found = await unlessMissing(client.getEventBus(new sdk.GetEventBusRequest({ eventBusName })));
  if (!found) return [];
  const sources = await listSources(client, eventBusName);
  if (!isOwnBus(found, sources)) return [{ kind, name: eventBusName, did: 'not ours' }];
  const { rules } = await client.listRules(new sdk.ListRulesRequest({ eventBusName, limit: 100 }));
  const others = rules.filter(({ ruleName }) => !own.has(ruleName)).map(({ ruleName }) => ruleName);
  if (others.length > 0) {
    const detail = `it has rules of somebody else: ${others.join(', ')}`;
    return [{ kind, name: eventBusName, did: 'kept', detail }];
  }
  if (!target.lookOnly) {
    const known = new Set(sources.map(({ name }) => name));
    for (const eventSourceName of [...EVENT_SOURCES, ...OWN_HTTP_SOURCES])
      if (known.has(eventSourceName))
        await client.deleteEventSource(new sdk.DeleteEventSourceRequest({ eventBusName, eventSourceName }));
    await client.deleteEventBus(new sdk.DeleteEventBusRequest({ eventBusName }));
  }
  return [{ kind, name: eventBusName, did: 'removed' }];
}
