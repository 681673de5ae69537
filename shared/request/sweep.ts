import type { Clock } from '../clock.ts';
import { errorMessage } from '../errors.ts';
import type { Markers } from '../journal/markers.ts';
import type { ObjectStore } from '../journal/object-store.ts';
import { lastResumed } from '../journal/pauses.ts';
import type { Log } from '../log.ts';
import { PARK_AFTER_MS } from './park.ts';

const MINUTE_MS = 60_000;
/** The older a request, the less often it is looked at: its age in minutes, and every how many minutes. */
const BACKOFF: readonly (readonly [ageMinutes: number, everyMinutes: number])[] = [
  [15, 1],
  [120, 5],
  [1440, 30],
  [Number.POSITIVE_INFINITY, 120],
];
const PARALLEL = 4;
const MAX_OPEN = 10_000;
/** So long after a pause every request is due: each function then has its turn, some of them twice. */
const AFTER_RESUME_MS = 3 * MINUTE_MS;
/** How far each minute starts from the last one; a prime, so that no length of the list leaves places out. */
const STRIDE = 10_007;

/** Whether the sweep of this minute looks at a request received at `receivedAt`. Stateless: the age alone decides. */
export function isDue(receivedAt: number, now: number): boolean {
  const age = Math.max(0, Math.floor((now - receivedAt) / MINUTE_MS));
  const every = BACKOFF.find(([limit]) => age < limit)?.[1] ?? 1;
  return age % every === 0;
}

interface SweepOptions {
  markers: Markers;
  work: Pick<ObjectStore, 'get'>;
  advance: (requestId: string) => Promise<unknown>;
  /** Called for a request that fails although it has had its time. */
  giveUp: (requestId: string, error: unknown) => Promise<void>;
  clock: Clock;
  log: Log;
  budgetMs: number;
}

/**
 * Takes every open request that is due one step further. A request that fails is logged and does not stop the others.
 * Starts no new request after `budgetMs`; what is left waits for the next minute, which starts at another place: the
 * first ones, if they hang, must not use up every minute.
 */
export async function sweep(options: SweepOptions): Promise<void> {
  const { markers, work: store, clock, log } = options;
  const started = clock.now();
  const [open, resumedAt] = await Promise.all([markers.list({ limit: MAX_OPEN }), lastResumed(store)]);
  const queue = turned(open, Math.floor(started / MINUTE_MS));
  const all = started - resumedAt < AFTER_RESUME_MS;
  let taken = 0;
  const work = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      if (clock.now() - started > options.budgetMs) return;
      taken += (await sweepOne(id, options, all)) ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  log.debug('swept', { looked_at: taken, left: queue.length });
}

/** Takes one request further if it is due, as with `all` each is, and says whether it was. */
async function sweepOne(
  id: string,
  { markers, advance, giveUp, clock, log }: SweepOptions,
  all: boolean,
): Promise<boolean> {
  let age = 0;
  try {
    const marker = await markers.get(id);
    if (!marker || !(all || isDue(marker.received_at, clock.now()))) return false;
    age = clock.now() - marker.received_at;
    await advance(id);
  } catch (error) {
    log.error('the sweep could not take a request further', { request_id: id, error: errorMessage(error) });
    if (age > PARK_AFTER_MS)
      await giveUp(id, error).catch((fault) =>
        log.error('parking failed', { request_id: id, error: errorMessage(fault) }),
      );
  }
  return true;
}

/** The same list from another place on, which goes through all of it as the minutes go. */
function turned(ids: readonly string[], minute: number): string[] {
  const start = ids.length === 0 ? 0 : (minute * STRIDE) % ids.length;
  return [...ids.slice(start), ...ids.slice(0, start)];
}
