import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Client, { CloudEvent, Config } from '@alicloud/eventbridge';
import {
  createEventBridge,
  type EventBridge,
  type EventBridgeOptions,
} from '../../../local/event-bridge/create-event-bridge.ts';
import type { DeliverEvent, DeliveryContext } from '../../../local/event-bridge/router.ts';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { type RunningServer, serve } from '../../../local/http/server.ts';
import { createIdentities, type Identities } from '../../../local/identities.ts';
import type { Clock } from '../../../shared/clock.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const ACCOUNT_ID = '1234567890123456';
export const ROOT = { accessKeyId: 'LTAI-root', accessKeySecret: 'root-secret', name: 'root' };
export const STS = {
  accessKeyId: 'STS.function',
  accessKeySecret: 'sts-secret',
  securityToken: 'CAIS+token/x==',
  name: 'function:ingest',
};

export interface Delivered {
  body: unknown;
  context: DeliveryContext;
}

export interface Started {
  bridge: EventBridge;
  server: RunningServer;
  /** The official client, signing as root. */
  client: Client;
  connect(keys: { accessKeyId: string; accessKeySecret: string; securityToken?: string }): Client;
  identities: Identities;
  faults: Faults;
  directory: string;
  /** Log lines so far. */
  entries: LogEntry[];
  /** Waits asked of the clock so far; each ends at once. */
  sleeps: number[];
  /** Resolves with everything delivered once there are `count`. */
  delivered(count: number): Promise<Delivered[]>;
  /** Resolves once the line has been logged `count` times. */
  logged(message: string, count?: number): Promise<LogEntry[]>;
}

const stops: (() => Promise<void>)[] = [];

/** Stops whatever the test has started and removes its folders. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'event-bridge-'));
  stops.push(() => rm(directory, { recursive: true }));
  return directory;
}

/** Starts the service on a free port. `deliver` runs before a delivery counts; a clock that never waits is the default. */
export async function startEventBridge(
  options: Partial<Pick<EventBridgeOptions, 'deliver' | 'clock' | 'directory' | 'random'>> = {},
): Promise<Started> {
  const directory = options.directory ?? (await temporaryDirectory());
  const sleeps: number[] = [];
  const clock: Clock = options.clock ?? { now: Date.now, sleep: async (ms) => void sleeps.push(ms) };
  const identities = createIdentities(ACCOUNT_ID);
  identities.add(ROOT);
  identities.add(STS);
  const faults = createFaults();
  const entries = watched<LogEntry>();
  const deliveries = watched<Delivered>();
  const deliver: DeliverEvent = async (target, body, context) => {
    await options.deliver?.(target, body, context);
    deliveries.push({ body, context });
  };
  const bridge = await createEventBridge({
    region: 'cn-hangzhou',
    identities,
    clock,
    log: createLog({ clock, write: entries.push }),
    faults,
    directory,
    newId: randomUUID,
    random: options.random ?? (() => 0.5),
    deliver,
  });
  const server = await serve(bridge.handle);
  stops.push(async () => {
    await server.close();
    await bridge.close();
  });
  const connect: Started['connect'] = ({ accessKeyId, accessKeySecret, securityToken }) =>
    new Client(
      new Config({ accessKeyId, accessKeySecret, securityToken, endpoint: `127.0.0.1:${server.port}`, regionId: 'x' }),
    );
  return {
    bridge,
    server,
    client: connect(ROOT),
    connect,
    identities,
    faults,
    directory,
    entries: entries.all,
    sleeps,
    delivered: (count) => deliveries.until((all) => all.length >= count),
    logged: async (message, count = 1) => {
      const wanted = (all: LogEntry[]) => all.filter((entry) => entry.message === message);
      return wanted(await entries.until((all) => wanted(all).length >= count));
    },
  };
}

/** A list that can be waited for. */
function watched<T>() {
  const all: T[] = [];
  let waiting: { ready: (all: T[]) => boolean; resolve: () => void }[] = [];
  return {
    all,
    push: (item: T) => {
      all.push(item);
      for (const { ready, resolve } of waiting) if (ready(all)) resolve();
      waiting = waiting.filter(({ ready }) => !ready(all));
    },
    until: (ready: (all: T[]) => boolean) =>
      new Promise<T[]>((resolve) => {
        if (ready(all)) return resolve(all);
        waiting.push({ ready, resolve: () => resolve(all) });
      }),
  };
}

/** An event of a registered source on the bus `approvals`, as the SDK wants it. */
export function cloudEvent(changes: Record<string, unknown> = {}, data: unknown = { emp_id: 'E123' }): CloudEvent {
  return new CloudEvent({
    id: 'e-1',
    source: 'dingtalk.approval',
    type: 'ProvisionRequest',
    time: '2026-11-24T01:48:07.000Z',
    extensions: { aliyuneventbusname: 'approvals' },
    data: Buffer.from(JSON.stringify(data)),
    ...changes,
  });
}

/** A target that gets the event as it is, unless `changes` say otherwise. */
export function functionTarget(changes: object = {}) {
  return {
    id: 'fc',
    type: 'acs.fc.function',
    endpoint: `acs:fc:cn-hangzhou:${ACCOUNT_ID}:functions/dispatch`,
    paramList: [{ resourceKey: 'Body', form: 'ORIGINAL' }],
    ...changes,
  };
}
