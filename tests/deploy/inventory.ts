import * as eb from '@alicloud/eventbridge';
import * as fc from '@alicloud/fc20230330';
import { ListAlertsRequest } from '@alicloud/sls20201230';
import { z } from 'zod';
import { logPlaceOf } from '../../setup/log-place.ts';
import type { AliOss } from '../local/object-storage/create-ali-oss.ts';
import type { Account } from './start-account.ts';

/**
 * Everything that there is in the account, by kind and name, as the services' own APIs tell it; but for what functions
 * keep in a work bucket, which comes and goes.
 */
export type Inventory = Record<string, unknown>;

export async function takeInventory({ clients, ram }: Account): Promise<Inventory> {
  const things: [string, unknown][] = [
    ...(await listFunctions(clients.fc)),
    ...(await listBuses(clients.bus)),
    ...(await listCommands(clients.ecs)),
    ...(await listBuckets(clients)),
    ...(await listAlerts(clients.sls)),
    ...[...ram.state.roles].map(([name, role]) => [`role ${name}`, role] as const),
    ...[...ram.state.policies].map(([name, policy]) => [`policy ${name}`, policy] as const),
  ].map(([name, thing]) => [name, structuredClone(thing)]);
  return Object.fromEntries(things);
}

/** What belongs to an environment, by its name. */
export function ofStage(inventory: Inventory, stage: string): Inventory {
  const own = Object.entries(inventory).filter(([name]) => name.includes(`approval-loop-${stage}`));
  return Object.fromEntries(own);
}

async function listFunctions(client: Account['clients']['fc']): Promise<[string, unknown][]> {
  const { body } = await client.listFunctions(new fc.ListFunctionsRequest({}));
  const found: [string, unknown][] = [];
  for (const each of body?.functions ?? []) {
    const name = each.functionName ?? '';
    const triggers = await client.listTriggers(name, new fc.ListTriggersRequest({}));
    const tries = await client.getAsyncInvokeConfig(name, new fc.GetAsyncInvokeConfigRequest({}));
    const scaling = await client.getScalingConfig(name, new fc.GetScalingConfigRequest({})).catch(() => undefined);
    const plain = { function: each, triggers: triggers.body?.triggers, async: tries.body, scaling: scaling?.body };
    found.push([`function ${name}`, JSON.parse(JSON.stringify(plain))]);
  }
  return found;
}

async function listBuses(client: Account['clients']['bus']): Promise<[string, unknown][]> {
  const { eventBuses } = await client.listEventBuses(new eb.ListEventBusesRequest({ limit: 100 }));
  const found: [string, unknown][] = [];
  for (const bus of eventBuses) {
    const { eventBusName } = bus;
    found.push([`bus ${eventBusName}`, JSON.parse(JSON.stringify(bus))]);
    const { rules } = await client.listRules(new eb.ListRulesRequest({ eventBusName, limit: 100 }));
    for (const rule of rules) {
      const { ruleName } = rule;
      const full = await client.getRule(new eb.GetRuleRequest({ eventBusName, ruleName }));
      const { requestId: _, ...rest } = full;
      found.push([`rule ${ruleName}`, JSON.parse(JSON.stringify(rest))]);
    }
  }
  return found;
}

async function listAlerts(client: Account['clients']['sls']): Promise<[string, unknown][]> {
  const { project } = logPlaceOf({ region: 'cn-hangzhou', accountId: '1000000000000001' });
  const { body } = await client.listAlerts(project, new ListAlertsRequest({ size: 200 }));
  return (body?.results ?? []).map((alert) => [`alert ${alert.name}`, JSON.parse(JSON.stringify(alert))]);
}

const commandsSchema = z.object({ Commands: z.object({ Command: z.array(z.looseObject({ Name: z.string() })) }) });

async function listCommands(client: Account['clients']['ecs']): Promise<[string, unknown][]> {
  const filter = { RegionId: 'cn-hangzhou', MaxResults: 50 };
  const { Commands } = commandsSchema.parse(await client.request('DescribeCommands', filter));
  return Commands.Command.map((command) => [`command ${command.Name}`, { ...command, InvokeTimes: undefined }]);
}

async function listBuckets({ bucket }: Account['clients']): Promise<[string, unknown][]> {
  const names = ((await bucket('any').listBuckets()).buckets ?? []).map(({ name }) => name);
  return Promise.all(
    names.map(async (name): Promise<[string, unknown]> => {
      const client = bucket(name);
      const { acl } = await client.getBucketACL(name);
      const { tag } = await client.getBucketTags(name);
      return [`bucket ${name}`, { acl, tag, records: name.includes('-work-') ? [] : await listKeys(client) }];
    }),
  );
}

export async function listKeys(bucket: AliOss): Promise<string[]> {
  const { objects = [] } = await bucket.listV2({ 'max-keys': '1000' });
  return objects.map(({ name }) => name);
}
