import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** Items in memory and on disk, in the order in which they were first put. */
export interface Collection<T> {
  get(id: string): T | undefined;
  all(): T[];
  put(item: T): void;
  delete(id: string): void;
}

/**
 * One JSON file per item, named by its place in the order and replaced atomically. Reads and writes are synchronous, so
 * an operation checks and changes state in one go. Throws if a file is not what `schema` describes.
 */
export function openCollection<T>(options: {
  directory: string;
  schema: z.ZodType<T>;
  idOf: (item: T) => string;
}): Collection<T> {
  const { directory, schema, idOf } = options;
  mkdirSync(directory, { recursive: true });
  const items = new Map<string, { file: string; item: T }>();
  let next = 1;
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  for (const name of names.sort()) {
    const file = join(directory, name);
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!parsed.success) throw new Error(`${file} is not readable state: ${parsed.error.message}`);
    items.set(idOf(parsed.data), { file, item: parsed.data });
    next = Number.parseInt(name, 10) + 1;
  }
  return {
    get: (id) => items.get(id)?.item,
    all: () => [...items.values()].map(({ item }) => item),
    put(item) {
      const file = items.get(idOf(item))?.file ?? join(directory, `${String(next++).padStart(10, '0')}.json`);
      writeFileSync(`${file}.tmp`, JSON.stringify(item));
      renameSync(`${file}.tmp`, file);
      items.set(idOf(item), { file, item });
    },
    delete(id) {
      const known = items.get(id);
      if (!known) return;
      rmSync(known.file);
      items.delete(id);
    },
  };
}
