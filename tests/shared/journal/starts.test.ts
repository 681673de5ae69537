import fc from 'fast-check';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { liftPause } from '../../../shared/journal/pauses.ts';
import { takeStart } from '../../../shared/journal/starts.ts';
import { createMemoryStore } from '../../loop/orders/memory-store.ts';
import { createHandClock } from '../hand-clock.ts';
import { makeTemporaryStore, type TemporaryStore } from './temporary-store.ts';

const HOUR_MS = 3_600_000;
/** Two leases: a number is good for one, and by the end of the next the run has started or never will. */
const LEASES_MS = 180_000;

let opened: TemporaryStore;
let clock: ReturnType<typeof createHandClock>;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  clock = createHandClock();
});
afterEach(() => opened.remove());

const start = (id: string, perHour = 2, workflow = 'onboarding') =>
  takeStart({ work: opened.store, clock }, { workflow, requestId: `dingtalk.${id}`, perHour });

test('so many runs start within an hour, and the next one is turned away', async () => {
  expect([await start('a'), await start('b'), await start('c')]).toEqual([true, true, false]);
  clock.advance(HOUR_MS + LEASES_MS - 1);
  expect(await start('c')).toBe(false);
  clock.advance(1);
  expect([await start('c'), await start('d'), await start('e')]).toEqual([true, true, false]);
});

test('the hour slides: each start counts for an hour from its own time', async () => {
  await start('a');
  clock.advance(HOUR_MS / 2);
  await start('b');
  clock.advance(HOUR_MS / 2 + LEASES_MS + 1);
  expect([await start('c'), await start('d')]).toEqual([true, false]);
});

test('a request that is tried again and again counts once, at the time of its last try', async () => {
  for (let tries = 0; tries < 90; tries += 1) {
    expect(await start('a', 1)).toBe(true);
    clock.advance(60_000);
  }
  expect(await opened.store.list('')).toEqual(['notices/dingtalk.a/start-000000045', 'starts/onboarding/000000045']);
  expect(await start('b', 1)).toBe(false);
});

test('what is turned away leaves nothing, and does not hold up others later', async () => {
  await start('a', 1);
  for (let tries = 0; tries < 5; tries += 1) {
    expect(await start('b', 1)).toBe(false);
    clock.advance(60_000);
  }
  clock.advance(HOUR_MS + LEASES_MS);
  expect(await start('c', 1)).toBe(true);
  expect(await opened.store.list('starts/')).toEqual(['starts/onboarding/000000001', 'starts/onboarding/000000002']);
});

test('each workflow has its own', async () => {
  expect([await start('a', 1), await start('b', 1, 'onboarding-2'), await start('c', 1)]).toEqual([true, true, false]);
});

test('a person who resumes the workflow begins a new count', async () => {
  await start('a', 1);
  expect(await start('b', 1)).toBe(false);
  await liftPause(opened.store, 'onboarding', clock.now());
  expect([await start('b', 1), await start('c', 1)]).toEqual([true, false]);
});

test('of many that come at once as many start as may', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  expect((await Promise.all(ids.map((id) => start(id, 5)))).filter((granted) => granted)).toHaveLength(5);
});

test('the resume of another workflow, or of all, does not begin anew', async () => {
  await start('a', 1);
  await liftPause(opened.store, null, clock.now());
  await liftPause(opened.store, 'onboarding-2', clock.now());
  expect(await start('b', 1)).toBe(false);
});

/** The store as one dispatcher sees it: every call is held up, on its way there and back, as the scheduler likes. */
function held(store: ObjectStore, scheduler: fc.Scheduler, tick: () => void): ObjectStore {
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    const answer = await call();
    await scheduler.schedule(Promise.resolve());
    tick();
    return answer;
  };
  return {
    createIfAbsent: (key, body) => through(() => store.createIfAbsent(key, body)),
    get: (key) => through(() => store.get(key)),
    list: (prefix, options) => through(() => store.list(prefix, options)),
    delete: (key) => through(() => store.delete(key)),
  };
}

const requests = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 });
/** What two dispatchers have to start at once, one after the other, and how many minutes pass then. */
const rounds = fc.array(fc.record({ one: requests, two: requests, minutes: fc.constantFrom(0, 1, 20, 58, 59, 61) }), {
  maxLength: 5,
});

test('in all orders of two dispatchers no hour has more starts than the limit, and nobody is turned away below it', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, fc.integer({ min: 1, max: 4 }), fc.scheduler(), async (story, perHour, scheduler) => {
      const time = createHandClock();
      const store = createMemoryStore();
      const starts: { at: number; id: string }[] = [];
      const leased = new Set<string>();
      let turnedAway = 0;
      const dispatch = async (ids: readonly string[]) => {
        const work = held(store, scheduler, () => time.advance(1_000));
        for (const id of ids) {
          if (leased.has(id)) continue;
          leased.add(id);
          const isWithin = await takeStart({ work, clock: time }, { workflow: 'w', requestId: `lark.${id}`, perHour });
          if (isWithin) starts.push({ at: time.now(), id });
          else turnedAway += 1;
          leased.delete(id);
        }
      };
      for (const { one, two, minutes } of story) {
        await scheduler.waitFor(Promise.all([dispatch(one), dispatch(two)]));
        time.advance(minutes * 60_000);
      }

      for (const { at } of starts) {
        const hour = starts.filter((other) => other.at <= at && other.at > at - HOUR_MS);
        expect(new Set(hour.map(({ id }) => id)).size).toBeLessThanOrEqual(perHour);
      }
      // Who is tried again has two numbers for a moment.
      const asked = story.flatMap(({ one, two }) => [...one, ...two]);
      if (asked.length <= perHour) expect(turnedAway).toBe(0);
    }),
    { numRuns: 500 },
  );
});
