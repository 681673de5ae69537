import * as z from 'zod/mini';
import { requestIdSchema } from '../events.ts';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';
import { pauseSchema } from './pauses.ts';

/**
 * What the people of a chat should hear of a request before it ends, put by whoever knows it and told by notify. It lies
 * in the work store and is forgotten with the request.
 */
const noticeSchema = z.discriminatedUnion('kind', [
  /** Another request comes first. */
  z.object({ kind: z.literal('waiting'), for: requestIdSchema }),
  /** The agents of these instances do not answer. */
  z.object({ kind: z.literal('offline'), instances: z.array(z.string()) }),
  /** No run of its workflow starts. */
  z.object({ kind: z.literal('paused'), pause: pauseSchema }),
]);
export type Notice = z.infer<typeof noticeSchema>;

const keyOf = (requestId: string, name: string) => `notices/${requestId}/${name}`;

export async function putNotice(work: ObjectStore, requestId: string, notice: Notice): Promise<void> {
  await work.createIfAbsent(keyOf(requestId, notice.kind), Buffer.from(JSON.stringify(notice)));
}

export async function hasNotice(work: ObjectStore, requestId: string, kind: Notice['kind']): Promise<boolean> {
  return (await work.get(keyOf(requestId, kind))) !== undefined;
}

/** Removes a notice that holds no longer. */
export async function takeBackNotice(work: ObjectStore, requestId: string, kind: Notice['kind']): Promise<void> {
  await work.delete(keyOf(requestId, kind));
}

/** What the request waits for. */
export async function readNotice(work: ObjectStore, requestId: string): Promise<Notice | undefined> {
  for (const kind of ['paused', 'waiting', 'offline'] as const) {
    const body = await work.get(keyOf(requestId, kind));
    const notice = body && noticeSchema.safeParse(parseJson(body));
    if (notice?.success) return notice.data;
  }
  return undefined;
}

/** Removes the notices of a request that is closed. */
export async function clearNotices(work: ObjectStore, requestId: string): Promise<void> {
  const keys = await work.list(keyOf(requestId, ''));
  await Promise.all(keys.map((key) => work.delete(key)));
}
