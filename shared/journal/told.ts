import * as z from 'zod/mini';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * What a chat has been told of a request that has not ended: a courtesy, not a fact of the request. It lies in the work
 * store and is forgotten with the request.
 */
const toldSchema = z.object({
  /**
   * `shown`: a state of the request. `tried`: noted before the message is posted, for from then on it may be out.
   * `refused`: by the chat; what was made under the key until then may exist and never be shown. `operators`: told in
   * private.
   */
  kind: z.enum(['shown', 'tried', 'refused', 'operators']),
  /** Of what is shown: how far the request was by then. What is not further than that is not told any more. */
  rank: z.optional(z.number()),
  chat: z.string(),
  /** '' where the platform names none, and before it is known that the message is out. */
  message_id: z.string(),
});
export type Told = z.infer<typeof toldSchema>;

const prefixOf = (requestId: string) => `told/${requestId}/`;

/** In the order in which it was told. */
export async function readTold(work: ObjectStore, requestId: string): Promise<Told[]> {
  const keys = await work.list(prefixOf(requestId));
  const bodies = await Promise.all(keys.map((key) => work.get(key)));
  return bodies.flatMap((body) => {
    const told = toldSchema.safeParse(body && parseJson(body));
    return told.success ? [told.data] : [];
  });
}

/** Under a lease on the request's message, so that nobody else adds to `before`. */
export async function addTold(
  work: ObjectStore,
  requestId: string,
  before: readonly Told[],
  next: Told,
): Promise<Told[]> {
  const number = String(before.length + 1).padStart(4, '0');
  await work.createIfAbsent(prefixOf(requestId) + number, Buffer.from(JSON.stringify(next)));
  return [...before, next];
}

/** Forgets it with the request. */
export async function clearTold(work: ObjectStore, requestId: string): Promise<void> {
  const keys = await work.list(prefixOf(requestId));
  await Promise.all(keys.map((key) => work.delete(key)));
}
