import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Instance } from '../local/instance/instance.ts';
import type { ShownMessage } from './messages.ts';

/** What Cloud Assistant has run on one instance. */
export interface Run {
  /** The request that its tag names, or else its parameters; empty where neither does. */
  requestId: string;
  invokeId: string;
  instanceId: string;
  status: string;
  parameters: Record<string, string>;
  /** In ms of the cloud's time. */
  startedAt?: number | undefined;
  endedAt?: number | undefined;
}

/** What is found outside once all is over: nothing of it is told by the functions themselves. */
export interface Evidence {
  /** What the groups show. */
  messages: ShownMessage[];
  /** One for each instance of each invocation. */
  runs: Run[];
  /** The bytes of the records bucket by key. */
  records: Map<string, Buffer>;
  /** Open markers. */
  open: string[];
  /** Leases, notices and marks of what was told, of requests. */
  aside: string[];
  /** Accounts on the instances that their image has not, `account group` for each of their groups, and workspaces. */
  users: Set<string>;
  memberships: Set<string>;
  folders: Set<string>;
  /** How many forged callbacks were answered with success: the one thing that leaves no trace by itself. */
  welcomed: number;
  /** Employees about whom somebody asked in a group, and got no answer. */
  unanswered: string[];
}

const invocationSchema = z.object({
  invokeId: z.string(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  parameters: z.record(z.string(), z.string()),
  runs: z.array(
    z.object({
      instanceId: z.string(),
      status: z.string(),
      startTime: z.number().optional(),
      finishTime: z.number().optional(),
    }),
  ),
});
const REQUEST_TAG = 'approval-loop-request';

/** Reads the services' own files of a cloud that has stopped; `seen` was read while it still ran. */
export async function collectEvidence(
  directory: string,
  buckets: { records: string; work: string },
  seen: Pick<Evidence, 'users' | 'memberships' | 'folders' | 'messages'>,
): Promise<Omit<Evidence, 'welcomed' | 'unanswered'>> {
  const invocations = await readJson(join(directory, 'cloud-assistant', 'invocations'), invocationSchema);
  const records = await readBucket(directory, buckets.records);
  const work = await readBucket(directory, buckets.work);
  return {
    ...seen,
    runs: invocations.flatMap(({ invokeId, tags, parameters, runs }) => {
      const tag = tags.find(({ key }) => key === REQUEST_TAG)?.value;
      const requestId = tag ?? parameters['request_id'] ?? '';
      return runs.map(({ instanceId, status, startTime: startedAt, finishTime: endedAt }) => {
        return { requestId, invokeId, instanceId, status, parameters, startedAt, endedAt };
      });
    }),
    records,
    open: [...work.keys()].filter((key) => key.startsWith('open/')),
    aside: [...work.keys()].filter((key) =>
      /^((leases|notices|told)\/(dingtalk|lark)\.|leases\/question-|questions\/)/.test(key),
    ),
  };
}

/** The users and the folders that runs have made. An instance begins as a copy of this machine's disk. */
export async function readInstances(
  instances: readonly Instance[],
): Promise<Pick<Evidence, 'users' | 'memberships' | 'folders'>> {
  const image = new Set(namesIn(await readFile('/etc/passwd', 'utf8')));
  const users = new Set<string>();
  const memberships = new Set<string>();
  const folders = new Set<string>();
  for (const instance of instances) {
    const passwd = (await instance.readFile('/etc/passwd'))?.toString() ?? '';
    for (const name of namesIn(passwd)) if (!image.has(name)) users.add(name);
    const groups = (await instance.readFile('/etc/group'))?.toString() ?? '';
    for (const [, group, members = ''] of groups.matchAll(/^([^:\n]+):[^:\n]*:\d+:(.*)$/gm))
      for (const name of members.split(',').filter((member) => users.has(member))) memberships.add(`${name} ${group}`);
    let listed = '';
    await instance.run({
      scriptName: 'list-workspaces.sh',
      script: Buffer.from('ls -1 /srv/workspaces 2>/dev/null || :\n'),
      timeoutMs: 30_000,
      terminationMode: 'ProcessTree',
      signal: new AbortController().signal,
      onOutput: (chunk) => {
        listed += chunk.toString();
      },
    });
    for (const name of listed.split('\n').filter((line) => line !== '')) folders.add(name);
  }
  return { users, memberships, folders };
}

function namesIn(passwd: string): string[] {
  return passwd.split('\n').flatMap((line) => line.split(':', 1).filter((name) => name !== ''));
}

/** Every object of a bucket, by key. The object storage keeps an object as a file; a folder of keys ends in `+`. */
async function readBucket(directory: string, bucket: string): Promise<Map<string, Buffer>> {
  const root = rootOf(directory, bucket);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const objects = new Map<string, Buffer>();
  for (const entry of entries.filter((each) => each.isFile() && !each.parentPath.includes('.staging'))) {
    const path = join(entry.parentPath, entry.name);
    objects.set(path.slice(root.length + 1).replaceAll('+/', '/'), await readFile(path));
  }
  return objects;
}

/** The names right under a prefix such as `open`, while the cloud goes on. */
export async function listNames(directory: string, bucket: string, prefix: string): Promise<Set<string>> {
  const folder = join(rootOf(directory, bucket), `${prefix}+`);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // There is no folder as long as, or once again when, nothing is in it.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return new Set(names);
}

function rootOf(directory: string, bucket: string): string {
  return join(directory, 'object-storage', 'objects', bucket);
}

async function readJson<T>(folder: string, schema: z.ZodType<T>): Promise<T[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name) => schema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))));
}
