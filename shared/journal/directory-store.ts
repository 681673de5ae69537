import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import { assertObjectKey } from './assert-object-key.ts';
import { isObjectKey, type ObjectStore } from './object-store.ts';

/** What the embedded object storage needs beyond the journal's store. */
export interface DirectoryStore extends ObjectStore {
  /** Stores `body` under `key`, whether the key exists or not; a reader sees the old bytes or the new ones. */
  replace(key: string, body: Buffer): Promise<void>;
  /** Size in bytes and time of the last write in milliseconds since the epoch; undefined if there is no such key. */
  stat(key: string): Promise<{ size: number; modifiedAt: number } | undefined>;
}

/** Unfinished writes. The dot keeps it out of the keys, so what a killed process leaves here is never seen. */
const STAGING = '.staging';
/** Folders carry this mark (no key has it), so that the keys `a` and `a/b` can both exist. */
const FOLDER_MARK = '+';
/** A create meets a folder that a delete has just pruned at most a few times in a row. */
const MAX_LINK_ATTEMPTS = 100;

/**
 * A store in a folder of a local file system, safe for any number of processes. A key becomes visible only with its
 * whole content and is on the disk when the call returns. With `clock`, files carry its time instead of the system's.
 */
export function createDirectoryStore(
  directory: string,
  options: { clock?: Clock; newId?: () => string } = {},
): DirectoryStore {
  const { clock, newId = randomUUID } = options;
  const root = resolve(directory);
  const pathOf = (key: string) => {
    assertObjectKey(key);
    return join(root, key.replaceAll('/', `${FOLDER_MARK}/`));
  };

  /** Writes `body` to a staging file on the disk, hands its path to `publish`, and removes what is left of it. */
  const withStaged = async <T>(body: Buffer, publish: (staged: string) => Promise<T>): Promise<T> => {
    const staged = join(root, STAGING, newId());
    const made = await mkdir(dirname(staged), { recursive: true });
    if (made) await syncFolders(dirname(staged), dirname(made));
    try {
      const file = await open(staged, 'wx');
      try {
        await file.writeFile(body);
        if (clock) await file.utimes(clock.now() / 1000, clock.now() / 1000);
        await file.sync();
      } finally {
        await file.close();
      }
      return await publish(staged);
    } finally {
      await unlink(staged).catch(ignore('ENOENT'));
    }
  };

  return {
    async createIfAbsent(key, body) {
      const path = pathOf(key);
      const outcome = await withStaged(body, (staged) => linkInto(staged, path));
      // Also for `exists`: who came first may not have synced yet, and the caller goes on from that key.
      await syncFolders(dirname(path), root);
      return outcome;
    },
    async replace(key, body) {
      const path = pathOf(key);
      await withStaged(body, (staged) => retryInFolder(path, () => rename(staged, path)));
      await syncFolders(dirname(path), root);
    },
    async get(key) {
      return readFile(pathOf(key)).catch(ignore('ENOENT'));
    },
    async stat(key) {
      const found = await stat(pathOf(key)).catch(ignore('ENOENT'));
      return found && { size: found.size, modifiedAt: Math.round(found.mtimeMs) };
    },
    list: (prefix, { after = '', limit = 1_000 } = {}) => listKeys(root, prefix, after, limit),
    async delete(key) {
      const path = pathOf(key);
      await unlink(path).catch(ignore('ENOENT'));
      await syncFolder(await pruneFolders(dirname(path), root));
    },
  };
}

/** `link` fails if the name is taken, also for a writer in another process: that makes the create exclusive. */
async function linkInto(staged: string, path: string): Promise<'created' | 'exists'> {
  try {
    await retryInFolder(path, () => link(staged, path));
    return 'created';
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return 'exists';
    throw error;
  }
}

/** Makes the folder of `path` when it is missing, again if a concurrent delete prunes it before `write` is done. */
async function retryInFolder(path: string, write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (!isErrno(error, 'ENOENT') || attempt === MAX_LINK_ATTEMPTS) throw error;
    }
    await mkdir(dirname(path), { recursive: true }).catch(ignore('ENOENT'));
  }
}

/** Removes empty folders from `folder` up to, but not including, `root`; gives the first one that stays. */
async function pruneFolders(folder: string, root: string): Promise<string> {
  for (let current = folder; current !== root; current = dirname(current)) {
    try {
      await rmdir(current);
    } catch (error) {
      if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return current;
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  return root;
}

/** Puts the names in `folder`, and those of the folders above it up to `root`, on the disk. */
async function syncFolders(folder: string, root: string): Promise<void> {
  for (let current = folder; current !== root; current = dirname(current)) await syncFolder(current);
  await syncFolder(root);
}

/** A folder that is gone was pruned by a concurrent delete, which syncs what is left. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(ignore('ENOENT'));
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function listKeys(root: string, prefix: string, after: string, limit: number): Promise<string[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '' && !isObjectKey(folder.slice(0, -1))) return [];
  const keys: string[] = [];
  if (limit <= 0) return keys;
  for await (const key of walk(root, folder, prefix, after)) {
    keys.push(key);
    if (keys.length >= limit) break;
  }
  return keys;
}

/**
 * Keys under `folder` (empty or ending in a slash) in byte order. Sorting folders as `name/` gives that order also
 * between `a-b`, `a/c` and `a0`; keys are ASCII, so code units sort like bytes.
 */
async function* walk(root: string, folder: string, prefix: string, after: string): AsyncGenerator<string> {
  for (const entry of await readEntries(root, folder)) {
    const isFolder = entry.endsWith('/');
    if (isFolder ? !entry.startsWith(prefix) && !prefix.startsWith(entry) : !entry.startsWith(prefix)) continue;
    if (entry <= after && !(isFolder && after.startsWith(entry))) continue;
    if (isFolder) yield* walk(root, entry, prefix, after);
    else yield entry;
  }
}

async function readEntries(root: string, folder: string): Promise<string[]> {
  const path = join(root, folder.replaceAll('/', `${FOLDER_MARK}/`));
  const entries = (await readdir(path, { withFileTypes: true }).catch(ignore('ENOENT'))) ?? [];
  const names = entries.map((entry) => {
    const { name } = entry;
    if (entry.isDirectory()) return name.endsWith(FOLDER_MARK) ? `${name.slice(0, -1)}/` : undefined;
    return entry.isFile() && isObjectKey(name) ? name : undefined;
  });
  return names
    .filter((name) => name !== undefined)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => folder + name);
}

function ignore(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!isErrno(error, ...codes)) throw error;
    return undefined;
  };
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
