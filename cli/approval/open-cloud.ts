import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { createCloudAssistant, type Invocation } from '../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller, ecsEndpoint } from '../../shared/alicloud/ecs-caller.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { callHttp } from '../../shared/http/call.ts';
import { type Chain, createJournal } from '../../shared/journal/journal.ts';
import { createOssStore } from '../../shared/journal/oss-store.ts';

/** Looks into a cloud from outside, through the same APIs as everybody. */
export interface CloudView {
  readJournal(requestId: string): Promise<Chain>;
  findInvocation(invokeId: string): Promise<Invocation | undefined>;
}

export function viewCloud(cloud: CloudDescription): CloudView {
  const { region, endpoints, buckets } = cloud;
  const credentials = () => ({ accessKeyId: cloud.access_key_id, accessKeySecret: cloud.access_key_secret });
  const records = createOssStore({
    endpoint: endpoints.oss,
    region,
    bucket: buckets.records,
    credentials,
    http: callHttp,
    clock: createSystemClock(),
  });
  const ecs = createEcsCaller({ ...ecsEndpoint(region, `http://${endpoints.ecs}`), regionId: region, credentials });
  return {
    readJournal: createJournal({ records, by: () => 'cli' }).read,
    findInvocation: createCloudAssistant(ecs, region).findInvocation,
  };
}
