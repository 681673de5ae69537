import type { ObjectStore } from '../../../shared/journal/object-store.ts';

/** A store as good as any, without a disk. */
export function createMemoryStore(): ObjectStore {
  const objects = new Map<string, Buffer>();
  return {
    createIfAbsent: async (key, body) => {
      if (objects.has(key)) return 'exists';
      objects.set(key, Buffer.from(body));
      return 'created';
    },
    get: async (key) => objects.get(key),
    list: async (prefix, { after = '', limit = 1_000 } = {}) =>
      [...objects.keys()]
        .filter((key) => key.startsWith(prefix) && key > after)
        .sort()
        .slice(0, limit),
    delete: async (key) => void objects.delete(key),
  };
}
