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
  if (!(await isFolder(root))) throw new UsageError(`${root} is not a folder`);
  const files = new Map<string, string>();
  const marked = !(await isFolder(join(root, 'accepted'))) && (await isFolder(join(root, 'accepted+')));
  await walk({ root, marked }, '', '', files);
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

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

/**
 * Keys and where each lies. A link or a device is listed as what it is called, and never followed. Two folders never
 * stand for the same key: what lies in one of them would hide what lies in the other.
 */
async function walk(
  place: { root: string; marked: boolean },
  folder: string,
  key: string,
  files: Map<string, string>,
): Promise<void> {
  for (const entry of await readdir(join(place.root, folder), { withFileTypes: true })) {
    if (folder === '' && entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await walk(place, path, `${key}${folderName(entry.name, place.marked)}/`, files);
    else files.set(entry.isFile() ? key + entry.name : `${key}${entry.name} (no file)`, path);
  }
}

function folderName(name: string, marked: boolean): string {
  if (!marked) return name;
  return name.endsWith('+') ? name.slice(0, -1) : `${name} (not marked)`;
}
