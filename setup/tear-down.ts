import * as z from 'zod/mini';
import { createEcsCaller, ecsEndpoint } from '../shared/alicloud/ecs-caller.ts';
import { tearDownAlerts } from './alerts/set-up-alerts.ts';
import { bucketExists, createOssClient } from './buckets.ts';
import type { Change } from './change.ts';
import { listCommandIds } from './commands.ts';
import { removeEventBus } from './remove-event-bus.ts';
import { removeRoles } from './roles/remove-roles.ts';
import { inService } from './service-error.ts';
import { type SetupTarget, targetNames } from './target.ts';

/**
 * Takes away what setup has made for an environment, but for its two buckets: the records are the proof of what was
 * asked, agreed and done, and the markers of what is open belong to them. Scripts stay on the instances, where nothing
 * calls them any more.
 */
export async function tearDown(target: SetupTarget): Promise<Change[]> {
  const alerts = await inService('Simple Log Service', tearDownAlerts(target));
  const bus = await inService('EventBridge', removeEventBus(target));
  const commands = await inService('ECS', removeCommands(target));
  const roles = await inService('RAM', removeRoles(target));
  return [...alerts, ...bus, ...commands, ...roles, ...(await inService('OSS', keptBuckets(target)))];
}

async function removeCommands(target: SetupTarget): Promise<Change[]> {
  const { region, credentials, endpoints } = target;
  const config = { ...ecsEndpoint(region, endpoints.ecs), regionId: region, credentials: () => credentials };
  const ecs = createEcsCaller(config);
  const changes: Change[] = [];
  for (const CommandId of await listCommandIds(target, ecs)) {
    if (!target.lookOnly) await ecs.call('DeleteCommand', { RegionId: region, CommandId }, z.unknown());
    changes.push({ kind: 'command', name: CommandId, did: 'removed' });
  }
  return changes;
}

async function keptBuckets(target: SetupTarget): Promise<Change[]> {
  const { recordsBucket, workBucket } = targetNames(target);
  const client = createOssClient(target);
  const buckets = [
    { name: recordsBucket, detail: 'the records of every request; delete it yourself if nobody needs the proof' },
    { name: workBucket, detail: 'markers of what is open; it belongs to the records' },
  ];
  const found = await Promise.all(buckets.map(async ({ name }) => bucketExists(client, name)));
  return buckets.flatMap(({ name, detail }, index): Change[] =>
    found[index] ? [{ kind: 'bucket', name, did: 'kept', detail }] : [],
  );
}
