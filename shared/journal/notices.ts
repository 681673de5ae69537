import * as z from 'zod/mini';
import { requestIdSchema } from '../events.ts';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * What the people of a chat should hear before a request ends. A notice is a courtesy, not a fact of the request: it
 * lies in the work store, is told once by notify, and is forgotten with the request.
 */
const noticeSchema = z.object({ kind: z.literal('waiting'), for: requestIdSchema });
export type Notice = z.infer<typeof noticeSchema>;

const keyOf = (requestId: string, name: string) => `notices/${requestId}/${name}`;

export async function putNotice(work: ObjectStore, requestId: string, notice: Notice): Promise<void> {
  await work.createIfAbsent(keyOf(requestId, notice.kind), Buffer.from(JSON.stringify(notice)));
}

/** The notice of this request that has not been told yet. */
export async function readNotice(work: ObjectStore, requestId: string): Promise<Notice | undefined> {
  const keys = await work.list(keyOf(requestId, ''));
  if (!keys.includes(keyOf(requestId, 'waiting')) || keys.includes(keyOf(requestId, 'waiting-told'))) return undefined;
  const body = await work.get(keyOf(requestId, 'waiting'));
  const notice = body && noticeSchema.safeParse(parseJson(body));
  return notice?.success ? notice.data : undefined;
}

export async function markTold(work: ObjectStore, requestId: string, { kind }: Notice): Promise<void> {
  await work.createIfAbsent(keyOf(requestId, `${kind}-told`), Buffer.from('{}'));
}

/** Removes the notices of a request that is closed. */
export async function clearNotices(work: ObjectStore, requestId: string): Promise<void> {
  const keys = await work.list(keyOf(requestId, ''));
  await Promise.all(keys.map((key) => work.delete(key)));
}
