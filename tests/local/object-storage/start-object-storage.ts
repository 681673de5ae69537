import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createObjectStorage, type ObjectStorage } from '../../../local/object-storage/create-object-storage.ts';
import type { Credentials } from '../../../shared/alicloud/credentials.ts';
import type { Clock } from '../../../shared/clock.ts';
import { callHttp } from '../../../shared/http/call.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createOssStore } from '../../../shared/journal/oss-store.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const ROOT = { accessKeyId: 'LTAI-root', accessKeySecret: 'root-secret' };
export const ROLE = { accessKeyId: 'STS.role', accessKeySecret: 'role-secret', securityToken: 'a/token+with=signs' };

export interface TestStorage {
  origin: string;
  storage: ObjectStorage;
  faults: Faults;
  directory: string;
  entries: LogEntry[];
  /** Moves the server's clock, and that of the stores made here, away from the real time. */
  advance(ms: number): void;
  ossStore(bucket: string, credentials?: Credentials): ObjectStore;
  stop(): Promise<void>;
}

export async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'object-storage-'));
}

/** A running server on a folder of its own, or on a given one, which then stays. */
export async function startObjectStorage(existing?: string): Promise<TestStorage> {
  const directory = existing ?? (await makeFolder());
  let offset = 0;
  let ids = 0;
  const clock: Clock = { now: () => Date.now() + offset, sleep: async () => undefined };
  const entries: LogEntry[] = [];
  const identities = createIdentities('1234567890123456');
  identities.add({ ...ROOT, name: 'root' });
  identities.add({ ...ROLE, name: 'function:ingest' });
  const faults = createFaults();
  const storage = await createObjectStorage({
    region: 'cn-hangzhou',
    identities,
    clock,
    log: createLog({ clock, write: (entry) => entries.push(entry), level: 'debug' }),
    faults,
    directory,
    newId: () => `id-${++ids}`,
  });
  const server = await serve(storage.handle, { onError: (error) => expect(error).toBeUndefined() });
  return {
    origin: server.origin,
    storage,
    faults,
    directory,
    entries,
    advance: (ms) => {
      offset += ms;
    },
    ossStore: (bucket, credentials = ROOT) =>
      createOssStore({
        endpoint: server.origin,
        region: 'cn-hangzhou',
        bucket,
        credentials: () => credentials,
        http: callHttp,
        clock,
      }),
    async stop() {
      await server.close();
      await storage.close();
      if (!existing) await rm(directory, { recursive: true });
    },
  };
}
