import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectoryStore, type DirectoryStore } from '../../../shared/journal/directory-store.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';

export interface TemporaryStore {
  store: DirectoryStore;
  remove(): Promise<void>;
}

export async function makeTemporaryStore(): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  return { store: createDirectoryStore(join(folder, 'store')), remove: () => rm(folder, { recursive: true }) };
}

/** Every create of this store is carried out; `answer` makes what the caller gets to hear of it. */
export function withCreateAnswer(
  store: ObjectStore,
  answer: (truth: 'created' | 'exists') => 'created' | 'exists',
): ObjectStore {
  return { ...store, createIfAbsent: async (key, body) => answer(await store.createIfAbsent(key, body)) };
}

export function loseAnswer(): never {
  throw new Error('the connection broke before the answer came');
}
