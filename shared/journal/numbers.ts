import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { parseJson } from '../json.ts';
import { ALL_KEYS, type ObjectStore } from './object-store.ts';

/** Clocks of instances are not that far apart: such a time is from before the clock was set back, and says nothing. */
const MAX_AHEAD_MS = 10 * 60_000;
const DIGITS = 9;

const numberSchema = z.object({ at: z.number() });

/** How many numbers there may be in any time of this length. */
export interface Window {
  /** Where the numbers of one thing lie; ends in a slash. */
  prefix: string;
  most: number;
  /** How many of the last are kept, at least `most`; those before them say nothing any more. */
  kept: number;
  heldMs: number;
}

/**
 * Takes the next number of the window, or undefined when it is full. Numbers are objects, `<prefix><n>` with the time in
 * it, and each is created once: the next one may be taken when the last but `most` is old enough, so that however many
 * ask at once there are never more than `most`, and one of them always gets it where there are fewer. The number `own`
 * is not counted and stays the asker's to give back, once nobody can be on his way to it any more.
 */
export async function takeNumber(
  { work, clock }: { work: ObjectStore; clock: Pick<Clock, 'now'> },
  { prefix, most, kept, heldMs }: Window,
  own?: string,
): Promise<string | undefined> {
  // Each further try means that somebody else has got a number meanwhile.
  for (let tries = 0; tries <= kept; tries += 1) {
    const keys = await work.list(prefix, { limit: ALL_KEYS });
    const others = keys.filter((key) => key !== own);
    const last = others.at(-most);
    const before = last === undefined ? 0 : await timeOfNumber(work, last);
    // Given back since it was listed: those before it may still count.
    if (before === undefined) continue;
    const now = clock.now();
    if (before < now + MAX_AHEAD_MS && now < before + heldMs) return undefined;
    // Older still, whoever gives back what lies between.
    await Promise.all(others.slice(0, -kept).map((key) => work.delete(key)));
    const number = Number(keys.at(-1)?.slice(prefix.length) ?? 0) + 1;
    const key = prefix + String(number).padStart(DIGITS, '0');
    if ((await work.createIfAbsent(key, Buffer.from(JSON.stringify({ at: now })))) === 'created') return key;
  }
  return undefined;
}

/** When this number was taken, 0 where it cannot be read; undefined where it is gone. */
export async function timeOfNumber(work: ObjectStore, key: string): Promise<number | undefined> {
  const body = await work.get(key);
  if (body === undefined) return undefined;
  const number = numberSchema.safeParse(parseJson(body));
  return number.success ? number.data.at : 0;
}
