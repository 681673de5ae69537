import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CloudDescription, cloudDescriptionSchema } from '../local/cloud/cloud-description.ts';
import { startControl } from '../local/cloud/control.ts';
import { PEOPLE } from '../local/cloud/organisation.ts';
import { type Cloud, type CloudOptions, startCloud } from '../local/cloud/start-cloud.ts';
import { UsageError } from './io.ts';

export const DEFAULT_STATE = '.approval-loop';

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
  const cloud = await startCloud(options);
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
  const found = await readRunningFile(directory);
  if (!found || !isAlive(found.pid)) {
    throw new UsageError(`no embedded cloud runs on ${directory}; start one with "npm start" and leave it running`);
  }
  return found;
}

async function refuseSecondCloud(directory: string): Promise<void> {
  const found = await readRunningFile(directory);
  if (found && isAlive(found.pid)) {
    throw new UsageError(
      `an embedded cloud runs on ${directory} already (process ${found.pid}); use it, or another --state`,
    );
  }
}

async function readRunningFile(directory: string): Promise<CloudDescription | undefined> {
  const text = await readFile(runningFile(directory), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : cloudDescriptionSchema.parse(JSON.parse(text));
}

function runningFile(directory: string): string {
  return join(directory, 'running.json');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
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
      people: PEOPLE.map(({ userid }) => userid),
    },
    control: { url: control.url, token: control.token },
    directory,
    pid: process.pid,
  };
}
