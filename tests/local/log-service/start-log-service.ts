import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import SlsClient from '@alicloud/sls20201230';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createLogService } from '../../../local/log-service/create-log-service.ts';
import { createSystemClock } from '../../../shared/clock.ts';

export const KEYS = { accessKeyId: 'LTAI0123456789', accessKeySecret: 'secret 密钥 🙂' };
export const TEMPORARY = { accessKeyId: 'STS.1', accessKeySecret: 'other', securityToken: 'token' };
export const PROJECT = 'project-1';

export interface Started {
  origin: string;
  faults: Faults;
  /** The official client, with the account's own key unless told otherwise. */
  client(keys?: { accessKeyId: string; accessKeySecret: string; securityToken?: string }): SlsClient;
  /** The same folder in another life of the service. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** With one project in it; the callers' time may be off by `skewMs`. */
export async function startLogService(skewMs = 0): Promise<Started> {
  const directory = await mkdtemp(join(tmpdir(), 'approval-loop-sls-'));
  const identities = createIdentities('1000000000000001');
  identities.add({ ...KEYS, name: 'root' });
  identities.add({ ...TEMPORARY, name: 'temporary' });
  const real = createSystemClock();
  const clock = { ...real, now: () => real.now() + skewMs };
  const faults = createFaults();
  let ids = 0;
  const newId = () => `request-${++ids}`;
  const open = () =>
    serve(createLogService({ identities, clock, faults, newId, directory, projects: [PROJECT] }).handle);
  let server = await open();
  return {
    get origin() {
      return server.origin;
    },
    faults,
    client: (keys = KEYS) => {
      const place = { endpoint: `local@127.0.0.1:${server.port}`, protocol: 'http', regionId: 'cn-hangzhou' };
      return new SlsClient(new $OpenApiUtil.Config({ ...keys, ...place }));
    },
    restart: async () => {
      await server.close();
      server = await open();
    },
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
