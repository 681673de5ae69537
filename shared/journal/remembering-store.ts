import type { ObjectStore } from './object-store.ts';

/** Records are some KB at most, so that all of them together are small beside a function's memory. */
const MOST = 1_000;

/**
 * A store whose objects are created once and never change, such as the journal's records: what was read or created here
 * is not read again. A sweep, which reads every open chain once a minute, then asks for what is new alone.
 */
export function rememberObjects(store: ObjectStore, most = MOST): ObjectStore {
  const known = new Map<string, Buffer>();
  const remember = (key: string, body: Buffer) => {
    const [oldest] = known.keys();
    if (known.size >= most && oldest !== undefined) known.delete(oldest);
    known.set(key, body);
  };
  return {
    ...store,
    async createIfAbsent(key, body) {
      const created = await store.createIfAbsent(key, body);
      if (created === 'created') remember(key, body);
      return created;
    },
    async get(key) {
      const body = known.get(key) ?? (await store.get(key));
      if (body !== undefined && !known.has(key)) remember(key, body);
      return body;
    },
    async delete(key) {
      known.delete(key);
      await store.delete(key);
    },
  };
}
