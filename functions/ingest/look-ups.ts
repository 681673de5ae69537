import type { Clock } from '../../shared/clock.ts';
import { sha256Hex } from '../../shared/ids.ts';
import { ALL_KEYS, type ObjectStore } from '../../shared/journal/object-store.ts';

const PREFIX = 'hints/';
const NOTHING = Buffer.from('{}');

/** The look-ups that unsigned hints may cause in one day (UTC), counted across all instances of the function. */
export interface LookUps {
  /**
   * The right to ask about this request today, for the event of this id. Undefined: another event's turn it is, or it
   * was, and the answer was final. The same event has it again, for its function may have died in between.
   */
  claim(requestId: string, eventId: string): Promise<Claim | undefined>;
  /** Takes one of the day's look-ups for this request, and says whether there was one. */
  take(requestId: string): Promise<boolean>;
  /** Whether this is the first time today that a look-up was refused. */
  isFirstRefusal(): Promise<boolean>;
}

export interface Claim {
  /** Makes room for another hint about this request: the answer was not final. */
  release(): Promise<void>;
}

/**
 * Everything is an object that is created once: `hints/<day>/slots/<n>` for each look-up, `hints/<day>/asked/<request>`
 * for each request. Where a request looks for a free slot first is its own, so that those of a flood meet seldom. What
 * days before have left goes with the first look-up of a day.
 */
export function createLookUps(options: { work: ObjectStore; clock: Pick<Clock, 'now'>; daily: number }): LookUps {
  const { work, clock, daily } = options;
  const today = () => `${PREFIX}${new Date(clock.now()).toISOString().slice(0, 10)}/`;
  /** Day on which this instance has found all look-ups taken: it need not list them again. */
  let full = '';
  return {
    async claim(requestId, eventId) {
      const key = `${today()}asked/${requestId}`;
      const body = Buffer.from(JSON.stringify({ event_id: eventId }));
      if ((await work.createIfAbsent(key, body)) === 'exists' && !(await work.get(key))?.equals(body)) return undefined;
      return { release: () => work.delete(key) };
    },
    async take(requestId) {
      const day = today();
      if (full === day) return false;
      const taken = new Set(await work.list(`${day}slots/`, { limit: ALL_KEYS }));
      if (taken.size === 0) await clearBefore(day);
      const first = Number.parseInt(sha256Hex(requestId).slice(0, 8), 16);
      for (let step = 0; step < daily; step += 1) {
        const key = `${day}slots/${(first + step) % daily}`;
        if (!taken.has(key) && (await work.createIfAbsent(key, NOTHING)) === 'created') return true;
      }
      full = day;
      return false;
    },
    isFirstRefusal: async () => (await work.createIfAbsent(`${today()}refused`, NOTHING)) === 'created',
  };

  async function clearBefore(day: string): Promise<void> {
    const old = (await work.list(PREFIX, { limit: ALL_KEYS })).filter((key) => key < day);
    for (const key of old) await work.delete(key);
  }
}
