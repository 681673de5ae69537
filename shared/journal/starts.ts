import type { Clock } from '../clock.ts';
import { EFFECT_LEASE_MS } from './leases.ts';
import { takeNumber, timeOfNumber } from './numbers.ts';
import { ALL_KEYS, type ObjectStore } from './object-store.ts';

/** An hour, for how long a number is good, and what the run may need until it starts: by then its lease is over. */
const HELD_MS = 3_600_000 + 2 * EFFECT_LEASE_MS;

const prefixOf = (workflow: string) => `starts/${workflow}/`;
/** Beside the notices of a request, with which it is forgotten: the numbers that it has had, by their names. */
const ownPrefixOf = (requestId: string) => `notices/${requestId}/start-`;

/**
 * Whether the run of this request may start as one of at most `perHour` of its workflow in any hour. Starts are numbered,
 * `starts/<workflow>/<n>`. A request that is tried again has not run, so that its new number stands for the old one: it
 * counts once, at the time of its last try; for a moment it has both, and others may be turned away one too early, never
 * too late. Under the lease of the run.
 */
export async function takeStart(
  { work, clock }: { work: ObjectStore; clock: Pick<Clock, 'now'> },
  { workflow, requestId, perHour }: { workflow: string; requestId: string; perHour: number },
): Promise<boolean> {
  const prefix = prefixOf(workflow);
  const notes = await work.list(ownPrefixOf(requestId), { limit: ALL_KEYS });
  const last = notes.at(-1);
  const own = last && prefix + last.slice(ownPrefixOf(requestId).length);
  // Given back earlier, somebody who is held up could take it a second time.
  const at = own === undefined ? undefined : await timeOfNumber(work, own);
  if (at !== undefined && clock.now() < at + EFFECT_LEASE_MS) return true;
  const window = { prefix, most: perHour, kept: perHour, heldMs: HELD_MS };
  const taken = await takeNumber({ work, clock }, window, own);
  if (taken === undefined) return false;
  // Gone in between, it has a number that counts for an hour: never one too few.
  await work.createIfAbsent(ownPrefixOf(requestId) + taken.slice(prefix.length), Buffer.from('{}'));
  await Promise.all([...notes, ...(own === undefined ? [] : [own])].map((key) => work.delete(key)));
  return true;
}

/** Begins a new count. */
export async function clearStarts(work: ObjectStore, workflow: string): Promise<void> {
  const keys = await work.list(prefixOf(workflow), { limit: ALL_KEYS });
  await Promise.all(keys.map((key) => work.delete(key)));
}
