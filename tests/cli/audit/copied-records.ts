import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';

/** The bucket as files, as a copying tool leaves it. */
export async function copyBucket(store: ObjectStore, folder: string): Promise<void> {
  for (const key of await store.list('')) {
    const path = join(folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, (await store.get(key)) ?? '');
  }
}

/** What somebody does to a copy of the copy. */
export interface Tampering {
  folder: string;
  /** Flips the lowest bit of this byte; from the end where negative. */
  flip(key: string, byte: number): Promise<void>;
  remove(key: string): Promise<void>;
  swap(a: string, b: string): Promise<void>;
  put(key: string, text: string): Promise<void>;
  text(key: string): Promise<string>;
}

export async function tamperWith(original: string, folder: string): Promise<Tampering> {
  await cp(original, folder, { recursive: true });
  const path = (key: string) => join(folder, key);
  return {
    folder,
    async flip(key, byte) {
      const bytes = await readFile(path(key));
      const place = byte < 0 ? bytes.length + byte : byte;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      await writeFile(path(key), bytes);
    },
    remove: (key) => rm(path(key), { recursive: true }),
    async swap(a, b) {
      await rename(path(a), path('spare'));
      await rename(path(b), path(a));
      await rename(path('spare'), path(b));
    },
    async put(key, text) {
      await mkdir(dirname(path(key)), { recursive: true });
      await writeFile(path(key), text);
    },
    text: (key) => readFile(path(key), 'utf8'),
  };
}
