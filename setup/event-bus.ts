import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Change } from './change.ts';
import { createEventBridgeClient, unlessMissing } from './event-bridge-client.ts';
import { isOwnSource, listSources, type Sources, setUpSources } from './event-sources.ts';
import { findMissing, httpRules, removeHttpRules, wantedHttpSources } from './http-source.ts';
import { foreignChange, isOurs, MADE_BY } from './ownership.ts';
import { ruleDefinitions } from './rule-definitions.ts';
import { setUpRules } from './rules.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** Bus, event sources and rules. What is there already is left as it is, or brought to what it should be. */
export async function setUpEventBus(target: SetupTarget, workflows: Workflows): Promise<Change[]> {
  const client = createEventBridgeClient(target);
  const sources = await listSources(client, targetNames(target).bus);
  const bus = await setUpBus(client, target, sources);
  if (bus.did === 'refused') return [bus];
  const missing = await findMissing(client, workflows);
  const isThere = (name: string) => !missing.some((change) => change.kind === 'bus' && change.name === name);
  const http = httpRules(target, workflows).filter((rule) => isThere(rule.bus));
  return [
    bus,
    ...missing,
    ...(await removeHttpRules(client, target, http)),
    ...(await setUpSources(client, target, sources, wantedHttpSources(workflows))),
    ...(await setUpRules(client, target, [...ruleDefinitions(target), ...http])),
  ];
}

/** The API cannot change the description of a bus: one that was taken over is known by our event sources on it. */
export function isOwnBus({ description }: sdk.GetEventBusResponse, sources: Sources): boolean {
  return isOurs(description) || sources.some((source) => isOwnSource(source));
}

async function setUpBus(client: EventBridge, target: SetupTarget, sources: Sources): Promise<Change> {
  const { bus: name } = targetNames(target);
  const found = await unlessMissing(client.getEventBus(new sdk.GetEventBusRequest({ eventBusName: name })));
  if (found && isOwnBus(found, sources)) return { kind: 'bus', name, did: 'unchanged' };
  if (found) return foreignChange(target, 'bus', name);
  const request = new sdk.CreateEventBusRequest({ eventBusName: name, description: MADE_BY });
  if (!target.lookOnly) await client.createEventBus(request);
  return { kind: 'bus', name, did: 'created' };
}
