import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import type { Cloud, CloudOptions } from '../local/cloud/cloud.ts';
import { type CloudDescription, cloudDescriptionSchema } from '../local/cloud/cloud-description.ts';
import { startControl } from '../local/cloud/control.ts';
import { PEOPLE } from '../local/cloud/people.ts';
import { startCloud } from '../local/cloud/start-cloud.ts';
import { EnvironmentError } from '../shared/config/environment.ts';
import { errorMessage, TransientError } from '../shared/errors.ts';
import { callHttp } from '../shared/http/call.ts';
import type { PlatformName } from '../shared/ids.ts';
import { parseJson } from '../shared/json.ts';
import { UsageError } from './io.ts';

export const DEFAULT_STATE = '.approval-loop';

/** A cloud that meets real platforms has a folder of its own: requests of an embedded one are unknown to them. */
export function defaultStateFor(real: readonly PlatformName[]): string {
  return [DEFAULT_STATE, ...[...real].sort()].join('-');
}

/** A cloud in this process, and how other processes find it. */
export interface LocalCloud {
  cloud: Cloud;
  description: CloudDescription;
  close(): Promise<void>;
}

/** Starts the embedded cloud with its control door and leaves `running.json` in its folder while it runs. */
export async function startLocalCloud(options: CloudOptions): Promise<LocalCloud> {
  const started = Date.now();
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  await refuseSecondCloud(options.directory);
  const cloud = await startCloud(options).catch((error: unknown) => {
    if (isPortInUse(error)) throw new UsageError(`${errorMessage(error)}; --port takes others, 0 finds free ones`);
    throw error instanceof EnvironmentError ? new UsageError(error.message) : error;
  });
  const control = await startControl(cloud, randomBytes(24).toString('base64url'));
  const description = describe(cloud, options.directory, control, Date.now() - started);
  const path = runningFile(options.directory);
  await writeFile(`${path}.new`, JSON.stringify(description), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return {
    cloud,
    description,
    close: async () => {
      await rm(path, { force: true });
      await control.close();
      await cloud.close();
    },
  };
}

/** The cloud that runs on this folder; a UsageError says how to start one. */
export async function findRunningCloud(directory: string): Promise<CloudDescription> {
  const json = await readRunningFile(directory);
  const found = runningSchema.safeParse(json);
  if (!found.success || !(await isRunning(found.data))) {
    throw new UsageError(
      `no embedded cloud runs on ${directory}; start one with "npm start -- --state ${directory}" and leave it running`,
    );
  }
  const description = cloudDescriptionSchema.safeParse(json);
  if (description.success) return description.data;
  throw new UsageError(
    `the embedded cloud on ${directory} (process ${found.data.pid}) is of another version; stop it and start it again`,
  );
}

/** As much of the file as every version has. */
const runningSchema = cloudDescriptionSchema.pick({ pid: true, control: true });
type RunningProcess = z.infer<typeof runningSchema>;

async function refuseSecondCloud(directory: string): Promise<void> {
  const found = runningSchema.safeParse(await readRunningFile(directory));
  if (found.success && (await isRunning(found.data))) {
    throw new UsageError(
      `an embedded cloud runs on ${directory} already (process ${found.data.pid}); use it, or another --state`,
    );
  }
}

async function readRunningFile(directory: string): Promise<unknown> {
  return parseJson(await readFile(runningFile(directory), 'utf8').catch(() => ''));
}

function runningFile(directory: string): string {
  return join(directory, 'running.json');
}

/** A process of this id that opens the control door: the id of one that was killed may be another program's by now. */
async function isRunning({ pid, control }: RunningProcess): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const headers = { authorization: `Bearer ${control.token}` };
  const call = { service: 'control', method: 'GET', url: control.url, headers } as const;
  // Anything but our own "there is no such path" comes from somebody else; a late answer is one of ours.
  return callHttp(call).then(
    ({ status }) => status === 404,
    (error: unknown) => error instanceof TransientError && error.code === 'control.timeout',
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isPortInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function describe(
  cloud: Cloud,
  directory: string,
  control: { url: string; token: string },
  readyMs: number,
): CloudDescription {
  const { state, names } = cloud;
  return {
    ready_ms: readyMs,
    region: cloud.region,
    account_id: state.account_id,
    access_key_id: state.access_key_id,
    access_key_secret: state.access_key_secret,
    endpoints: cloud.endpoints,
    functions: { ingest: cloud.ingestUrl },
    http_sources: cloud.httpSources,
    bus: names.bus,
    instances: cloud.instances.map(({ instanceId }) => instanceId),
    commands: cloud.commandIds,
    buckets: { records: names.recordsBucket, work: names.workBucket },
    dingtalk: {
      ...state.dingtalk,
      process_codes: Object.fromEntries(
        Object.entries(cloud.workflows.workflows).flatMap(([name, { on }]) =>
          on.dingtalk ? [[name, on.dingtalk.process_code]] : [],
        ),
      ),
      people: PEOPLE.map(({ id }) => id),
    },
    lark: {
      ...state.lark,
      approval_codes: Object.fromEntries(
        Object.entries(cloud.workflows.workflows).flatMap(([name, { on }]) =>
          on.lark ? [[name, on.lark.approval_code]] : [],
        ),
      ),
      people: PEOPLE.map(({ id }) => id),
    },
    real_platforms: [...cloud.realPlatforms],
    control: { url: control.url, token: control.token },
    directory,
    pid: process.pid,
  };
}
