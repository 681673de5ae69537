import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { requestIdSchema } from '../../shared/events.ts';
import { sha256Hex } from '../../shared/ids.ts';
import { ALL_KEYS } from '../../shared/journal/object-store.ts';
import { parseJson } from '../../shared/json.ts';
import type { Fault, ReadStore } from './chain.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** How far a request was: so many records, of which the last has this hash. */
const coveredSchema = z.strictObject({
  id: requestIdSchema,
  /** When its first record was written. */
  at: z.string(),
  records: z.int().min(1),
  sha256: hash,
});
export type Covered = z.infer<typeof coveredSchema>;

/** What is signed: the requests that are new or have grown since the checkpoint before. */
const bodySchema = z.strictObject({
  v: z.literal(1),
  n: z.int().min(1),
  at: z.iso.datetime(),
  /** SHA-256 of the file of the checkpoint before; null for the first. */
  previous: hash.nullable(),
  requests: z.array(coveredSchema),
});
export type CheckpointBody = z.infer<typeof bodySchema>;

/** `key` is the SHA-256 of the public key (SPKI, DER) that the Ed25519 signature over the body's JSON belongs to. */
const fileSchema = z.strictObject({ body: bodySchema, key: hash, signature: z.string().max(128) });

/** OSS answers are read up to a megabyte, and a request takes at most 300 bytes here. */
export const MAX_REQUESTS = 2000;

export function checkpointKey(n: number): string {
  return `checkpoints/${String(n).padStart(6, '0')}.json`;
}

export function isCheckpointKey(key: string): boolean {
  return /^checkpoints\/(?!000000)[0-9]{6}\.json$/.test(key);
}

export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

export function signCheckpoint(body: CheckpointBody, privateKey: KeyObject): Buffer {
  const signature = sign(null, Buffer.from(JSON.stringify(body)), privateKey).toString('base64');
  return Buffer.from(JSON.stringify({ body, key: keyId(createPublicKey(privateKey)), signature }));
}

export interface Checkpoints {
  count: number;
  /** When the newest was made, and the hash of its file. */
  newest: { n: number; at: string; sha256: string } | null;
  /** For each request what the checkpoints say of it, oldest first. */
  covered: ReadonlyMap<string, readonly Covered[]>;
  /** Whether every signature was checked. */
  signed: boolean;
  faults: Fault[];
}

/** Reads the whole chain of checkpoints. Without public keys the hashes are checked, and no signature. */
export async function readCheckpoints(store: ReadStore, publicKeys: readonly KeyObject[]): Promise<Checkpoints> {
  const keys = (await store.list('checkpoints/', { limit: ALL_KEYS })).filter(isCheckpointKey);
  const covered = new Map<string, Covered[]>();
  const faults: Fault[] = [];
  let newest: Checkpoints['newest'] = null;
  for (const [index, object] of keys.entries()) {
    const bytes = (await store.get(object)) ?? Buffer.alloc(0);
    const file = fileSchema.safeParse(parseJson(bytes));
    const why = file.success
      ? whyWrong(file.data, { bytes, object, n: index + 1, previous: newest?.sha256 ?? null, publicKeys })
      : 'it is no checkpoint';
    if (why !== undefined) faults.push({ kind: 'checkpoint', object, request_id: null, record: null, message: why });
    if (!file.success) continue;
    const { body } = file.data;
    newest = { n: body.n, at: body.at, sha256: sha256Hex(bytes) };
    for (const entry of body.requests) covered.set(entry.id, [...(covered.get(entry.id) ?? []), entry]);
  }
  return { count: keys.length, newest, covered, signed: publicKeys.length > 0, faults };
}

interface Place {
  bytes: Buffer;
  object: string;
  n: number;
  previous: string | null;
  publicKeys: readonly KeyObject[];
}

function whyWrong({ body, key, signature }: z.infer<typeof fileSchema>, place: Place): string | undefined {
  // The signature is over the body alone: what else stands in the file must not be able to say anything.
  if (!place.bytes.equals(Buffer.from(JSON.stringify({ body, key, signature }))))
    return 'it is not written as it was signed';
  if (place.publicKeys.length > 0) {
    const publicKey = place.publicKeys.find((candidate) => keyId(candidate) === key);
    if (!publicKey) return `it is signed with another key (${key.slice(0, 16)}…) than was given`;
    const data = Buffer.from(JSON.stringify(body));
    if (!verify(null, data, publicKey, Buffer.from(signature, 'base64'))) return 'its signature is wrong';
  }
  if (checkpointKey(body.n) !== place.object) return `in its place lies checkpoint ${body.n}`;
  if (body.n !== place.n) return `checkpoint ${place.n} is missing before it`;
  if (body.previous !== place.previous) return 'it does not carry the hash of the checkpoint before it';
  return undefined;
}
