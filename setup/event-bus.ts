import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { EVENT_SOURCES, TASK_COMPLETED } from '../shared/events.ts';
import type { FunctionName } from '../shared/request/next-step.ts';
import type { Change } from './change.ts';
import { createEventBridgeClient, isNotFound } from './event-bridge-client.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** A rule of this environment: which events on which bus wake which function. */
export interface RuleDefinition {
  bus: string;
  name: string;
  description: string;
  pattern: object;
  wakes: FunctionName;
}

export function ruleDefinitions(target: SetupTarget): RuleDefinition[] {
  const names = targetNames(target);
  return [
    {
      bus: names.bus,
      name: names.rule('request'),
      description: 'Accepted requests wake dispatch',
      pattern: { source: ['dingtalk.approval', 'lark.approval'], type: ['ProvisionRequest'] },
      wakes: 'dispatch',
    },
    {
      bus: names.bus,
      name: names.rule('progress'),
      description: 'Started and refused requests wake notify',
      pattern: { source: [{ prefix: 'approval-loop.' }], type: ['ProvisionStarted', 'ProvisionRefused'] },
      wakes: 'notify',
    },
    {
      // Events of cloud services come to the bus `default` only.
      bus: 'default',
      name: names.rule('completed'),
      description: 'Ends of runs of this environment wake notify',
      pattern: {
        source: ['acs.ecs'],
        type: [TASK_COMPLETED],
        data: { commandName: [{ prefix: names.commandPrefix }] },
      },
      wakes: 'notify',
    },
  ];
}

/** Bus, event sources and rules. What is there already is left as it is, or brought to what it should be. */
export async function setUpEventBus(target: SetupTarget): Promise<Change[]> {
  const client = createEventBridgeClient(target);
  const { bus } = targetNames(target);
  const changes: Change[] = [
    await ensure('bus', bus, {
      find: () => client.getEventBus(new sdk.GetEventBusRequest({ eventBusName: bus })),
      create: () =>
        client.createEventBus(new sdk.CreateEventBusRequest({ eventBusName: bus, description: 'approval-loop' })),
    }),
  ];
  changes.push(...(await setUpSources(client, bus)));
  for (const rule of ruleDefinitions(target)) changes.push(await setUpRule(client, target, rule));
  return changes;
}

async function setUpSources(client: EventBridge, bus: string): Promise<Change[]> {
  const listed = await client.listUserDefinedEventSources(
    new sdk.ListUserDefinedRequest({ eventBusName: bus, limit: 100 }),
  );
  const known = new Set((listed.eventSources ?? []).map((source) => source.name));
  const changes: Change[] = [];
  for (const name of EVENT_SOURCES) {
    if (known.has(name)) {
      changes.push({ kind: 'event source', name, did: 'unchanged' });
      continue;
    }
    await client.createEventSource(new sdk.CreateEventSourceRequest({ eventBusName: bus, eventSourceName: name }));
    changes.push({ kind: 'event source', name, did: 'created' });
  }
  return changes;
}

async function setUpRule(client: EventBridge, target: SetupTarget, rule: RuleDefinition): Promise<Change> {
  const filterPattern = JSON.stringify(rule.pattern);
  const names = { eventBusName: rule.bus, ruleName: rule.name };
  const change = await ensure('rule', rule.name, {
    find: () => client.getRule(new sdk.GetRuleRequest(names)),
    create: () =>
      client.createRule(
        new sdk.CreateRuleRequest({
          ...names,
          description: rule.description,
          status: 'ENABLE',
          filterPattern,
          targets: [functionTarget(target, rule.wakes)],
        }),
      ),
  });
  if (change.did === 'created') return change;
  const found = await client.getRule(new sdk.GetRuleRequest(names));
  if (sameJson(found.filterPattern, rule.pattern) && found.status === 'ENABLE') return change;
  await client.updateRule(
    new sdk.UpdateRuleRequest({ ...names, description: rule.description, status: 'ENABLE', filterPattern }),
  );
  return { ...change, did: 'updated' };
}

/**
 * A rule calls its function asynchronously: retries and age are then Function Compute's (`asyncInvokeConfig`). The
 * endpoint's form for functions without a service is not documented; this one is seen in public configurations.
 */
function functionTarget(target: SetupTarget, wakes: FunctionName): sdk.TargetEntry {
  const name = targetNames(target).function(wakes);
  const constant = (resourceKey: string, value: string) =>
    new sdk.EBTargetParam({ resourceKey, form: 'CONSTANT', value });
  return new sdk.TargetEntry({
    id: wakes,
    type: 'acs.fc.function',
    endpoint: `acs:fc:${target.region}:${target.accountId}:functions/${name}`,
    pushRetryStrategy: 'BACKOFF_RETRY',
    paramList: [
      constant('functionName', name),
      constant('Qualifier', 'LATEST'),
      constant('InvocationType', 'Async'),
      constant('DataFormat', 'Object'),
      new sdk.EBTargetParam({ resourceKey: 'Body', form: 'ORIGINAL', value: '' }),
    ],
  });
}

async function ensure(
  kind: Change['kind'],
  name: string,
  thing: { find: () => Promise<unknown>; create: () => Promise<unknown> },
): Promise<Change> {
  try {
    await thing.find();
    return { kind, name, did: 'unchanged' };
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await thing.create();
  return { kind, name, did: 'created' };
}

function sameJson(text: string, value: object): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}
