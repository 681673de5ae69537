import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** Records in memory, each with a JSON file that follows its changes. */
export interface RecordCollection<T> {
  get(id: string): T | undefined;
  newestFirst(): T[];
  /** Takes a new record in: visible at once, kept only if it reaches the disk. */
  add(record: T): Promise<void>;
  /** Writes the record as it is now. */
  save(record: T): Promise<void>;
  remove(record: T): Promise<void>;
  /** Resolves when the writes of this record that are under way have ended; rejects when the last one failed. */
  settled(record: T): Promise<void>;
  flush(): Promise<void>;
}

export interface CollectionOptions<S extends z.ZodType> {
  directory: string;
  schema: S;
  idOf: (record: z.infer<S>) => string;
  creationTimeOf: (record: z.infer<S>) => number;
}

/** Reads the folder; a file that is not a record of this schema is an error that names it. */
export async function openRecordCollection<S extends z.ZodType>(
  options: CollectionOptions<S>,
): Promise<RecordCollection<z.infer<S>>> {
  type T = z.infer<S>;
  const { directory, idOf } = options;
  const records = new Map((await readRecords(options)).map((record) => [idOf(record), record]));
  const writes = new Map<string, Promise<void>>();

  /** Changes of one file follow one another; a failed one does not keep the next from trying. */
  const enqueue = (id: string, change: () => Promise<void>): Promise<void> => {
    const write = (writes.get(id) ?? Promise.resolve()).catch(() => undefined).then(change);
    writes.set(id, write);
    const done = () => void (writes.get(id) === write && writes.delete(id));
    write.then(done, done);
    return write;
  };
  const save = (record: T) => {
    const json = JSON.stringify(record);
    return enqueue(idOf(record), () => writeAtomically(pathOf(directory, idOf(record)), json));
  };
  return {
    get: (id) => records.get(id),
    newestFirst: () => [...records.values()].reverse(),
    async add(record) {
      records.set(idOf(record), record);
      await save(record).catch((error) => {
        records.delete(idOf(record));
        throw error;
      });
    },
    save,
    remove(record) {
      records.delete(idOf(record));
      return enqueue(idOf(record), () => rm(pathOf(directory, idOf(record)), { force: true }));
    },
    settled: async (record) => writes.get(idOf(record)),
    flush: async () => void (await Promise.allSettled(writes.values())),
  };
}

function pathOf(directory: string, id: string): string {
  return join(directory, `${id}.json`);
}

async function readRecords<S extends z.ZodType>(options: CollectionOptions<S>): Promise<z.infer<S>[]> {
  const { directory, schema, creationTimeOf } = options;
  await mkdir(directory, { recursive: true });
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  const records = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      try {
        return schema.parse(JSON.parse(await readFile(path, 'utf8')));
      } catch (cause) {
        throw new Error(`${path} is not a Cloud Assistant record; delete it to go on without it`, { cause });
      }
    }),
  );
  return records.sort((a, b) => creationTimeOf(a) - creationTimeOf(b));
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}
