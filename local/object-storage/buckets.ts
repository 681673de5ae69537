import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { createDirectoryStore, type DirectoryStore } from '../../shared/journal/directory-store.ts';

export const ACLS = ['private', 'public-read', 'public-read-write'] as const;
export const STORAGE_CLASSES = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'] as const;
export const REDUNDANCY_TYPES = ['LRS', 'ZRS'] as const;
export const VERSIONING_STATES = ['Enabled', 'Suspended'] as const;
export const ENCRYPTION_ALGORITHMS = ['AES256', 'KMS', 'SM4'] as const;

/** A retention policy. Times in milliseconds since the epoch. */
const wormSchema = z.strictObject({ id: z.string(), days: z.int(), createdAt: z.int(), locked: z.boolean() });

const settingsSchema = z.strictObject({
  createdAt: z.int(),
  acl: z.enum(ACLS),
  storageClass: z.enum(STORAGE_CLASSES),
  redundancy: z.enum(REDUNDANCY_TYPES),
  /** Absent: versioning has never been on. */
  versioning: z.enum(VERSIONING_STATES).optional(),
  encryption: z.strictObject({ algorithm: z.enum(ENCRYPTION_ALGORITHMS), keyId: z.string().optional() }).optional(),
  worm: wormSchema.optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

export type Worm = z.infer<typeof wormSchema>;
export type BucketSettings = z.infer<typeof settingsSchema>;

export interface Bucket {
  name: string;
  settings: BucketSettings;
  objects: DirectoryStore;
}

export interface Buckets {
  find(name: string): Bucket | undefined;
  /** In order of their names. */
  all(): Bucket[];
  /** Makes the bucket or changes its settings; resolves when that is on the disk. */
  save(name: string, settings: BucketSettings): Promise<void>;
  remove(name: string): Promise<void>;
  /** The objects of a bucket, whether it exists or not. */
  objects(name: string): DirectoryStore;
  /** Resolves when no change is under way. */
  settled(): Promise<void>;
}

/** https://help.aliyun.com/en/oss/user-guide/bucket-naming-conventions */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

/** Opens the buckets in `directory`: their settings in `buckets/<name>.json`, their objects under `objects/<name>/`. */
export async function openBuckets(directory: string, clock: Clock): Promise<Buckets> {
  const files = createDirectoryStore(join(directory, 'buckets'));
  const known = new Map<string, Bucket>();
  const objects = (name: string) => createDirectoryStore(join(directory, 'objects', name), { clock });
  for (const file of await files.list('', { limit: Number.POSITIVE_INFINITY })) {
    const text = await files.get(file);
    if (text === undefined) continue;
    const name = file.slice(0, -'.json'.length);
    known.set(name, { name, settings: settingsSchema.parse(JSON.parse(text.toString())), objects: objects(name) });
  }
  let last: Promise<void> = Promise.resolve();
  /** One change after another, so that the disk ends with the newest. */
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const done = last.then(change);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    find: (name) => known.get(name),
    all: () => [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    save(name, settings) {
      known.set(name, { name, settings, objects: objects(name) });
      return inTurn(() => files.replace(`${name}.json`, Buffer.from(JSON.stringify(settings))));
    },
    remove(name) {
      known.delete(name);
      return inTurn(() => files.delete(`${name}.json`));
    },
    objects,
    settled: () => last,
  };
}
