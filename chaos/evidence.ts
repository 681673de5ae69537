import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { GroupMessage } from '../local/cloud/group-messages.ts';
import type { Instance } from '../local/instance/instance.ts';

/** What is found outside once all is over: nothing of it is told by the functions themselves. */
export interface Evidence {
  /** What the groups show. */
  messages: Pick<GroupMessage, 'title' | 'text'>[];
  /** What Cloud Assistant has run, with the request that its tag names. */
  invocations: { requestId: string; status: string }[];
  /** The bytes of the records bucket by key. */
  records: Map<string, Buffer>;
  /** Open markers. */
  open: string[];
  /** Leases and notices of requests. */
  aside: string[];
  /** Accounts of employees on the instances, and folders of workspaces. */
  users: Set<string>;
  folders: Set<string>;
  /** How many forged callbacks were answered with success: the one thing that leaves no trace by itself. */
  welcomed: number;
  /** Employees about whom somebody asked in a group, and got no answer. */
  unanswered: string[];
}

const invocationSchema = z.object({
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  runs: z.array(z.object({ status: z.string() })),
});
const REQUEST_TAG = 'approval-loop-request';

/** Reads the services' own files of a cloud that has stopped; `seen` was read while it still ran. */
export async function collectEvidence(
  directory: string,
  buckets: { records: string; work: string },
  seen: Pick<Evidence, 'users' | 'folders' | 'messages'>,
): Promise<Omit<Evidence, 'welcomed' | 'unanswered'>> {
  const invocations = await readJson(join(directory, 'cloud-assistant', 'invocations'), invocationSchema);
  const records = await readBucket(directory, buckets.records);
  const work = await readBucket(directory, buckets.work);
  return {
    ...seen,
    invocations: invocations.flatMap(({ tags, runs }) => {
      const requestId = tags.find(({ key }) => key === REQUEST_TAG)?.value;
      return requestId === undefined ? [] : [{ requestId, status: runs[0]?.status ?? '' }];
    }),
    records,
    open: [...work.keys()].filter((key) => key.startsWith('open/')),
    aside: [...work.keys()].filter((key) =>
      /^((leases|notices)\/(dingtalk|lark)\.|leases\/question-|questions\/)/.test(key),
    ),
  };
}

/** The users and the folders that runs have made. */
export async function readInstances(instances: readonly Instance[]): Promise<Pick<Evidence, 'users' | 'folders'>> {
  const users = new Set<string>();
  const folders = new Set<string>();
  for (const instance of instances) {
    const passwd = (await instance.readFile('/etc/passwd'))?.toString() ?? '';
    for (const [, name = ''] of passwd.matchAll(/^(e\d+):x:/gm)) users.add(name);
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
  return { users, folders };
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
