import type { Clock } from '../clock.ts';
import { EFFECT_LEASE_MS } from './leases.ts';
import { ALL_KEYS, type ObjectStore } from './object-store.ts';

/** An hour, and what a run may need from its stamp to its start: whoever holds the lease of the run starts it by then. */
const COUNTED_MS = 3_600_000 + EFFECT_LEASE_MS;
const TIME_DIGITS = 14;

const prefixOf = (workflow: string) => `starts/${workflow}/`;

/**
 * Stamps the start of this request's run, and says whether its workflow has no more than `perHour` of them in any hour.
 * A stamp is the name of an object, `starts/<workflow>/<ms>-<request>`, put down before the others are counted: of two
 * functions that ask at once one at least sees the other. So there are never more starts than that; when too many come
 * at once fewer may be let through, which ends in the same pause. A request that is tried again moves its stamp, and one
 * that is turned away takes it back. Under the lease of the run.
 */
export async function stampStart(
  { work, clock }: { work: ObjectStore; clock: Pick<Clock, 'now'> },
  { workflow, requestId, perHour }: { workflow: string; requestId: string; perHour: number },
): Promise<boolean> {
  const now = clock.now();
  const prefix = prefixOf(workflow);
  const mine = `${prefix}${String(now).padStart(TIME_DIGITS, '0')}-${requestId}`;
  await work.createIfAbsent(mine, Buffer.from('{}'));
  const stamps = (await work.list(prefix, { limit: ALL_KEYS })).map((key) => ({ key, ...parse(key, prefix) }));
  // A time that is ahead counts as well: whoever resumes the workflow begins anew.
  const isOld = ({ at }: { at: number }) => now - at > COUNTED_MS;
  const others = new Set(stamps.flatMap((stamp) => (isOld(stamp) || stamp.by === requestId ? [] : [stamp.by])));
  const isWithin = others.size < perHour;
  const isOver = (stamp: { key: string; by: string }) =>
    isWithin ? stamp.by === requestId && stamp.key !== mine : stamp.key === mine;
  await Promise.all(stamps.filter((stamp) => isOld(stamp) || isOver(stamp)).map(({ key }) => work.delete(key)));
  return isWithin;
}

function parse(key: string, prefix: string): { at: number; by: string } {
  const name = key.slice(prefix.length);
  return { at: Number(name.slice(0, TIME_DIGITS)), by: name.slice(TIME_DIGITS + 1) };
}

/** Begins a new count. */
export async function clearStarts(work: ObjectStore, workflow: string): Promise<void> {
  const keys = await work.list(prefixOf(workflow), { limit: ALL_KEYS });
  await Promise.all(keys.map((key) => work.delete(key)));
}
