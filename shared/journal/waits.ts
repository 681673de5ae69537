import { ALL_KEYS, type ObjectStore } from './object-store.ts';

const DAY_MS = 24 * 3600_000;

/** Beside the notices of a request, with which they are forgotten: one key for each day on which it waited. */
const prefixOf = (requestId: string) => `notices/${requestId}/waited-`;

/** Says that a request was looked at and has to wait for another one: nothing is wrong with it, however long it lasts. */
export async function markWaiting(work: ObjectStore, requestId: string, now: number): Promise<void> {
  const day = new Date(now).toISOString().slice(0, 'yyyy-mm-dd'.length);
  await work.createIfAbsent(prefixOf(requestId) + day, Buffer.from('{}'));
}

/** The end of the last day on which this request waited for another one. */
export async function lastWaited(work: ObjectStore, requestId: string): Promise<number | undefined> {
  const prefix = prefixOf(requestId);
  const last = (await work.list(prefix, { limit: ALL_KEYS })).at(-1);
  return last === undefined ? undefined : Date.parse(last.slice(prefix.length)) + DAY_MS;
}
