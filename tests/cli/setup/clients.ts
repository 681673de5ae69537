import type EventBridge from '@alicloud/eventbridge';
import FcClient from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import RamClient from '@alicloud/pop-core';
import SlsClient from '@alicloud/sls20201230';
import { createEventBridgeClient } from '../../../setup/event-bridge-client.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog } from '../../../shared/log.ts';
import { type AliOss, createAliOss } from '../../local/object-storage/create-ali-oss.ts';

/** The official clients of an account, to look and to meddle. */
export interface Clients {
  ram: RamClient;
  ecs: RamClient;
  kms: RamClient;
  bus: EventBridge;
  fc: FcClient;
  sls: SlsClient;
  bucket(name: string): AliOss;
}

/** `env` is what a deploying shell has. */
export function clientsOf(env: Readonly<Record<string, string>>): Clients {
  const of = (name: string) => env[name] ?? '';
  const keys = {
    accessKeyId: of('ALIBABA_CLOUD_ACCESS_KEY_ID'),
    accessKeySecret: of('ALIBABA_CLOUD_ACCESS_KEY_SECRET'),
  };
  const clock = createSystemClock();
  return {
    ram: new RamClient({ ...keys, endpoint: of('RAM_ENDPOINT'), apiVersion: '2015-05-01' }),
    ecs: new RamClient({ ...keys, endpoint: of('ECS_ENDPOINT'), apiVersion: '2014-05-26' }),
    kms: new RamClient({ ...keys, endpoint: of('KMS_ENDPOINT'), apiVersion: '2016-01-20' }),
    fc: new FcClient(new $OpenApiUtil.Config({ ...keys, endpoint: new URL(of('FC_ENDPOINT')).host, protocol: 'http' })),
    // As setup's: no name leads below an address, so that up to the "@" none is looked up.
    sls: new SlsClient(
      new $OpenApiUtil.Config({ ...keys, endpoint: `local@${new URL(of('SLS_ENDPOINT')).host}`, protocol: 'http' }),
    ),
    bus: createEventBridgeClient({
      environmentName: 'staging',
      region: 'cn-hangzhou',
      accountId: of('ALIYUN_ACCOUNT_ID'),
      credentials: keys,
      endpoints: { eventBridge: of('EVENT_BRIDGE_ENDPOINT') },
      clock,
      log: createLog({ clock, level: 'error', write: () => {} }),
    }),
    bucket: (name) =>
      createAliOss({
        ...keys,
        endpoint: of('OSS_ENDPOINT'),
        region: 'oss-cn-hangzhou',
        authorizationV4: true,
        bucket: name,
      }),
  };
}
