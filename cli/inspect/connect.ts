import { Readable } from 'node:stream';
import OpenApiClient, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { type CloudAssistant, createCloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller, ecsEndpoint } from '../../shared/alicloud/ecs-caller.ts';
import { createStopInvocation } from '../../shared/alicloud/stop-invocation.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { callHttp } from '../../shared/http/call.ts';
import { createJournal, type Journal } from '../../shared/journal/journal.ts';
import { createMarkers, type Markers } from '../../shared/journal/markers.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { createOssStore } from '../../shared/journal/oss-store.ts';

/** The services of one environment, through the same APIs as everybody. */
export interface Connection {
  records: ObjectStore;
  work: ObjectStore;
  journal: Pick<Journal, 'read'>;
  markers: Markers;
  cloudAssistant: Pick<CloudAssistant, 'findInvocation' | 'findInvocationsByTag'>;
  /** Stops a run on all of its instances; what has ended there stays as it is. */
  stopInvocation(invokeId: string): Promise<void>;
  /** Starts a function with this event and does not wait for its end. */
  invokeFunction(name: string, event: object): Promise<void>;
}

/** Connects with the key that the embedded cloud prints. */
export function connect(cloud: CloudDescription): Connection {
  const { region, endpoints, buckets } = cloud;
  const keys = { accessKeyId: cloud.access_key_id, accessKeySecret: cloud.access_key_secret };
  const credentials = () => keys;
  // Signatures carry the machine's time, however fast the cloud's runs.
  const clock = createSystemClock();
  const oss = (bucket: string) =>
    createOssStore({ endpoint: endpoints.oss, region, bucket, credentials, http: callHttp, clock });
  const records = oss(buckets.records);
  const work = oss(buckets.work);
  const ecs = createEcsCaller({ ...ecsEndpoint(region, `http://${endpoints.ecs}`), regionId: region, credentials });
  return {
    records,
    work,
    journal: createJournal({ records, by: () => 'cli' }),
    markers: createMarkers(work),
    cloudAssistant: createCloudAssistant(ecs, region),
    stopInvocation: createStopInvocation(ecs, region),
    invokeFunction: (name, event) => invokeFunction(new URL(endpoints.fc), { ...keys, region }, name, event),
  };
}

/** InvokeFunction of FC 3.0, as `@alicloud/fc20230330` sends it. */
async function invokeFunction(
  endpoint: URL,
  { region, ...keys }: { accessKeyId: string; accessKeySecret: string; region: string },
  name: string,
  event: object,
): Promise<void> {
  const protocol = endpoint.protocol.slice(0, -1);
  const client = new OpenApiClient(
    new $OpenApiUtil.Config({ ...keys, endpoint: endpoint.host, protocol, regionId: region }),
  );
  const stream = Readable.from([Buffer.from(JSON.stringify(event))]);
  const headers = { 'x-fc-invocation-type': 'Async' };
  const answer = await client.callApi(
    invokeParams(name),
    new $OpenApiUtil.OpenApiRequest({ headers, stream }),
    new RuntimeOptions({}),
  );
  // A body that nobody reads keeps the connection, and with it this process.
  if (answer['body'] instanceof Readable) answer['body'].resume();
}

function invokeParams(name: string) {
  return new $OpenApiUtil.Params({
    action: 'InvokeFunction',
    version: '2023-03-30',
    protocol: 'HTTPS',
    pathname: `/2023-03-30/functions/${encodeURIComponent(name)}/invocations`,
    method: 'POST',
    authType: 'AK',
    style: 'ROA',
    reqBodyType: 'json',
    bodyType: 'binary',
  });
}
