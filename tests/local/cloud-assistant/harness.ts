import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EcsClient from '@alicloud/ecs20140526';
import { Config } from '@alicloud/openapi-core/dist/utils';
import PopClient from '@alicloud/pop-core';
import { type CloudAssistant, createCloudAssistant } from '../../../local/cloud-assistant/create-cloud-assistant.ts';
import type { TaskEvent } from '../../../local/cloud-assistant/state.ts';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { type HttpHandler, type RunningServer, serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import type { Instance, InstanceFile, InstanceResult, InstanceTask } from '../../../local/instance/instance.ts';
import { type Clock, createSystemClock } from '../../../shared/clock.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const REGION = 'cn-hangzhou';
export const ACCOUNT = '1234567890123456';
export const START = Date.parse('2026-01-01T00:00:00Z');

/** Time that moves only when a test says so. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(): ManualClock {
  let now = START;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    advance(ms) {
      now += ms;
      for (const sleeper of sleepers) {
        if (sleeper.at > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** An instance whose scripts do what the test says, also what a real one would not. */
export interface FakeInstance extends Instance {
  tasks: InstanceTask[];
  files: InstanceFile[];
  behave(run: (task: InstanceTask) => Promise<InstanceResult>): void;
}

export const endless = (task: InstanceTask): Promise<InstanceResult> =>
  new Promise((resolve) => task.signal.addEventListener('abort', () => resolve({ end: 'stopped' })));

export function createFakeInstance(instanceId: string): FakeInstance {
  let behaviour = async (_task: InstanceTask): Promise<InstanceResult> => ({ end: 'exited', exitCode: 0 });
  const tasks: InstanceTask[] = [];
  const files: InstanceFile[] = [];
  return {
    instanceId,
    tasks,
    files,
    behave(run) {
      behaviour = run;
    },
    run(task) {
      tasks.push(task);
      return behaviour(task);
    },
    async sendFile(file) {
      if (files.some(({ path }) => path === file.path) && !file.overwrite) {
        return { end: 'failed', errorCode: 'FileAlreadyExists', message: `${file.path} exists` };
      }
      files.push(file);
      return { end: 'sent' };
    },
    readFile: async (path) => files.find((file) => file.path === path)?.content,
    close: async () => undefined,
  };
}

export interface World {
  client: EcsClient;
  pop: PopClient;
  origin: string;
  clock: ManualClock;
  faults: Faults;
  events: TaskEvent[];
  log: LogEntry[];
  assistant: () => CloudAssistant;
  /** Ends the service and starts it again on the same folder; `crash` leaves out the orderly end. */
  restart(how?: 'orderly' | 'crash'): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  instances: Instance[];
  instanceDetails?: Record<string, { name: string; tags: { key: string; value: string }[] }>;
}

/** The service behind a real port, with official clients of both signatures. */
export async function createWorld({ instances, instanceDetails = {} }: WorldOptions): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'cloud-assistant-'));
  const identities = createIdentities(ACCOUNT);
  identities.add({ accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO', name: 'root' });
  const clock = createManualClock();
  const faults = createFaults();
  const events: TaskEvent[] = [];
  const log: LogEntry[] = [];
  let ids = 0;
  const start = () =>
    createCloudAssistant({
      region: REGION,
      identities,
      clock,
      signatureClock: createSystemClock(),
      log: createLog({ clock, write: (entry) => log.push(entry) }),
      faults,
      directory,
      newId: () => `id-${++ids}`,
      instances,
      instanceDetails,
      publish: (event) => events.push(event),
    });
  let assistant = await start();
  const abandoned: CloudAssistant[] = [];
  const handle: HttpHandler = (request, signal) => assistant.handle(request, signal);
  const server: RunningServer = await serve(handle);
  const key = { accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO' };
  return {
    client: new EcsClient(
      new Config({ ...key, endpoint: `127.0.0.1:${server.port}`, protocol: 'http', regionId: REGION }),
    ),
    pop: new PopClient({ ...key, endpoint: server.origin, apiVersion: '2014-05-26' }),
    origin: server.origin,
    clock,
    faults,
    events,
    log,
    assistant: () => assistant,
    async restart(how = 'orderly') {
      if (how === 'orderly') await assistant.close();
      else abandoned.push(assistant);
      assistant = await start();
    },
    async close() {
      await server.close();
      for (const each of [assistant, ...abandoned]) await each.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Polls, for at most five seconds, until `probe` returns something. */
export async function eventually<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 5_000; Date.now() < end; ) {
    const value = await probe();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('waited five seconds in vain');
}
