import { posix } from 'node:path';
import { DescribeCloudAssistantStatusRequest } from '@alicloud/ecs20140526/dist/models/DescribeCloudAssistantStatusRequest.js';
import { DescribeSendFileResultsRequest } from '@alicloud/ecs20140526/dist/models/DescribeSendFileResultsRequest.js';
import { SendFileRequest } from '@alicloud/ecs20140526/dist/models/SendFileRequest.js';
import * as z from 'zod/mini';
import type { EcsCaller } from '../shared/alicloud/ecs-caller.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Change } from './change.ts';
import type { SetupTarget } from './target.ts';

const statusSchema = z.object({
  InstanceCloudAssistantStatusSet: z.object({
    InstanceCloudAssistantStatus: z.array(z.object({ InstanceId: z.string(), CloudAssistantStatus: z.string() })),
  }),
});
const sentSchema = z.object({ InvokeId: z.string() });
const resultsSchema = z.object({
  Invocations: z.object({
    Invocation: z.array(
      z.object({
        InvokeInstances: z.object({
          InvokeInstance: z.array(
            z.object({ InstanceId: z.string(), InvocationStatus: z.string(), ErrorCode: z.optional(z.string()) }),
          ),
        }),
      }),
    ),
  }),
});

/** SendFile takes so many instances at once: https://www.alibabacloud.com/help/en/ecs/api-sendfile */
const MAX_INSTANCES = 50;
const POLL_MS = 50;
const WAIT_MS = 60_000;

/**
 * Sends each command's script to the instances whose agent answers; the others are listed as skipped. It is sent every
 * time: what stands on an instance cannot be read, and somebody may have changed it.
 */
export async function setUpScripts(
  target: SetupTarget,
  ecs: EcsCaller,
  {
    workflows,
    texts,
    instances,
  }: { workflows: Workflows; texts: Readonly<Record<string, string>>; instances: readonly string[] },
): Promise<Change[]> {
  const online = await onlineInstances(target, ecs, instances);
  const changes: Change[] = instances
    .filter((instance) => !online.includes(instance))
    .map((instance) => ({
      kind: 'script',
      name: instance,
      did: 'skipped',
      detail: 'its Cloud Assistant agent does not answer',
    }));
  for (const file of filesOf(workflows, texts)) {
    for (let from = 0; from < online.length; from += MAX_INSTANCES) {
      changes.push(...(await sendScript(target, ecs, file, online.slice(from, from + MAX_INSTANCES))));
    }
  }
  return changes;
}

/** A script as it is sent: several commands may run the same one. */
export interface SentFile {
  script: string;
  path: string;
  text: string;
}

/** The scripts that stand on instances. */
export function filesOf({ commands }: Workflows, texts: Readonly<Record<string, string>>): SentFile[] {
  const files = Object.values(commands).flatMap(({ script, path }) => {
    const text = texts[script];
    return path === undefined || text === undefined ? [] : [{ script, path, text }];
  });
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Those whose agent answers. */
export async function onlineInstances(
  { region }: SetupTarget,
  ecs: EcsCaller,
  instances: readonly string[],
): Promise<string[]> {
  if (instances.length === 0) return [];
  const request = new DescribeCloudAssistantStatusRequest({ regionId: region, instanceId: [...instances] });
  const answer = await ecs.call('DescribeCloudAssistantStatus', request.toMap(), statusSchema);
  return answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus.flatMap((status) =>
    status.CloudAssistantStatus === 'true' ? [status.InstanceId] : [],
  );
}

async function sendScript(
  target: SetupTarget,
  ecs: EcsCaller,
  { script, path, text }: SentFile,
  instances: readonly string[],
): Promise<Change[]> {
  const nameOf = (instance: string) => `${script} → ${instance}:${path}`;
  if (target.lookOnly) return instances.map((instance) => ({ kind: 'script', name: nameOf(instance), did: 'sent' }));
  const request = new SendFileRequest({
    regionId: target.region,
    instanceId: [...instances],
    name: posix.basename(path),
    targetDir: posix.dirname(path),
    content: Buffer.from(text).toString('base64'),
    contentType: 'Base64',
    fileMode: '0755',
    fileOwner: 'root',
    fileGroup: 'root',
    overwrite: true,
  });
  const { InvokeId } = await ecs.call('SendFile', request.toMap(), sentSchema);
  const results = await waitForResults(target, ecs, InvokeId);
  return results.map(({ InstanceId, InvocationStatus, ErrorCode }) =>
    InvocationStatus === 'Success'
      ? { kind: 'script', name: nameOf(InstanceId), did: 'sent' }
      : { kind: 'script', name: nameOf(InstanceId), did: 'skipped', detail: ErrorCode ?? InvocationStatus },
  );
}

async function waitForResults({ region, clock }: SetupTarget, ecs: EcsCaller, invokeId: string) {
  const request = new DescribeSendFileResultsRequest({ regionId: region, invokeId });
  const until = clock.now() + WAIT_MS;
  for (;;) {
    const answer = await ecs.call('DescribeSendFileResults', request.toMap(), resultsSchema);
    const results = answer.Invocations.Invocation.flatMap(({ InvokeInstances }) => InvokeInstances.InvokeInstance);
    if (results.length > 0 && results.every(({ InvocationStatus }) => !/^(Pending|Running)$/.test(InvocationStatus)))
      return results;
    if (clock.now() > until)
      throw new Error(`SendFile ${invokeId} has not ended after ${WAIT_MS / 1000} s; run setup again`);
    await clock.sleep(POLL_MS);
  }
}
