import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import KmsClient from '@alicloud/pop-core';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createKms } from '../../../local/kms/create-kms.ts';
import { createSystemClock } from '../../../shared/clock.ts';

export const KEYS = { accessKeyId: 'LTAI0123456789', accessKeySecret: 'key of the account' };
export const TEMPORARY = { accessKeyId: 'STS.1', accessKeySecret: 'key of a role', securityToken: 'token+/=' };

export interface StartedKms {
  origin: string;
  faults: Faults;
  /** The official client, with the account's own key. */
  client: KmsClient;
  put(SecretName: string, SecretData: string, more?: object): Promise<unknown>;
  /** The same folder in another life of the service. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startKms(): Promise<StartedKms> {
  const directory = await mkdtemp(join(tmpdir(), 'approval-loop-kms-'));
  const identities = createIdentities('1000000000000001');
  identities.add({ ...KEYS, name: 'root' });
  identities.add({ ...TEMPORARY, name: 'temporary' });
  const faults = createFaults();
  let ids = 0;
  const newId = () => `request-${++ids}`;
  const open = () => serve(createKms({ identities, clock: createSystemClock(), faults, newId, directory }).handle);
  let server = await open();
  const connect = () => new KmsClient({ ...KEYS, endpoint: server.origin, apiVersion: '2016-01-20' });
  const started: StartedKms = {
    origin: server.origin,
    faults,
    client: connect(),
    put: (SecretName, SecretData, more = {}) =>
      started.client.request('CreateSecret', { SecretName, SecretData, VersionId: 'v1', ...more }),
    restart: async () => {
      await server.close();
      server = await open();
      started.origin = server.origin;
      started.client = connect();
    },
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
  return started;
}
