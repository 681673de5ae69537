import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isObjectKey, type ObjectStore } from '../../shared/journal/object-store.ts';
import { UsageError } from '../io.ts';

export interface FolderStore extends Pick<ObjectStore, 'get' | 'list' | 'createIfAbsent'> {
  /** Everything in the folder by its path, what is no object of ours too. */
  paths(): Promise<string[]>;
}

/**
 * A bucket copied into a folder, one file an object. The folder of the embedded object storage may be given too: its
 * folders end with a plus sign, and what begins with a dot is not an object there.
 */
export async function openFolderStore(root: string): Promise<FolderStore> {
  const found = await stat(root).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`${root} is not a folder`);
  const files = new Map<string, string>();
  await walk(root, '', '', files);
  const paths = [...files.keys()].sort();
  return {
    paths: async () => paths,
    list: async (prefix, { after = '', limit = 1000 } = {}) =>
      paths.filter((key) => key.startsWith(prefix) && key > after && isObjectKey(key)).slice(0, limit),
    get: async (key) => {
      const path = isObjectKey(key) ? files.get(key) : undefined;
      return path === undefined ? undefined : readFile(join(root, path));
    },
    createIfAbsent: async (key, body) => {
      if (files.has(key)) return 'exists';
      await mkdir(dirname(join(root, key)), { recursive: true });
      await writeFile(join(root, key), body, { flag: 'wx' });
      files.set(key, key);
      paths.push(key);
      return 'created';
    },
  };
}

/** Keys and where each lies. A link or a device is listed as what it is called, and never followed. */
async function walk(root: string, folder: string, key: string, files: Map<string, string>): Promise<void> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (folder === '' && entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await walk(root, path, `${key}${entry.name.replace(/\+$/, '')}/`, files);
    else files.set(entry.isFile() ? key + entry.name : `${key}${entry.name} (no file)`, path);
  }
}
