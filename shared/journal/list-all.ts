import type { ObjectStore } from './object-store.ts';

const PAGE = 1000;

/** All keys with this prefix, at most `limit`, page by page. */
export async function listAll(store: ObjectStore, prefix: string, limit = 100_000): Promise<string[]> {
  const keys: string[] = [];
  for (let page = await store.list(prefix); page.length > 0 && keys.length < limit; ) {
    keys.push(...page);
    const after = page.at(-1);
    page = page.length < PAGE || after === undefined ? [] : await store.list(prefix, { after });
  }
  return keys;
}
