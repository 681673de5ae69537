import { createLookUps } from '../../../functions/ingest/look-ups.ts';
import { createHandClock } from '../../shared/hand-clock.ts';
import {
  loseAnswer,
  makeTemporaryStore,
  type TemporaryStore,
  withCreateAnswer,
} from '../../shared/journal/temporary-store.ts';

const DAY_MS = 24 * 3_600_000;

let stored: TemporaryStore;
const clock = createHandClock();
beforeEach(async () => {
  stored = await makeTemporaryStore();
});
afterEach(() => stored.remove());

const open = (daily: number) => createLookUps({ work: stored.store, clock, daily });
const takeMany = async (instances: ReturnType<typeof open>[], each: number) => {
  const all = instances.flatMap((lookUps) =>
    Array.from({ length: each }, (_, index) => lookUps.take(`dingtalk.${index}`)),
  );
  return (await Promise.all(all)).filter(Boolean).length;
};

test.each([1, 7, 20])(
  'of %i look-ups a day there are exactly so many, however many instances ask at once',
  async (daily) => {
    const instances = Array.from({ length: 3 }, () => open(daily));
    expect(await takeMany(instances, daily)).toBe(daily);
    expect(await takeMany([...instances, open(daily)], 2)).toBe(0);
  },
);

test('the next day has its own, and nothing of the day before is left in the store', async () => {
  const lookUps = open(2);
  await takeMany([lookUps], 3);
  await lookUps.claim('dingtalk.old', 'e-0');
  await lookUps.isFirstRefusal();
  clock.advance(DAY_MS);
  expect(await takeMany([lookUps], 3)).toBe(2);
  expect(await lookUps.isFirstRefusal()).toBe(true);
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  expect(await stored.store.list('hints/')).toEqual([
    `hints/${day}/refused`,
    `hints/${day}/slots/0`,
    `hints/${day}/slots/1`,
  ]);
});

test('one event at a time asks about a request; after a final answer no other does until the next day', async () => {
  const [one, other] = [open(9), open(9)];
  const claim = await one.claim('dingtalk.a', 'e-1');
  expect(claim).toBeDefined();
  expect(await other.claim('dingtalk.a', 'e-2')).toBeUndefined();
  expect(await other.claim('dingtalk.b', 'e-2')).toBeDefined();
  await claim?.release();
  expect(await other.claim('dingtalk.a', 'e-2')).toBeDefined();
  expect(await one.claim('dingtalk.a', 'e-1')).toBeUndefined();
  clock.advance(DAY_MS);
  expect(await one.claim('dingtalk.a', 'e-1')).toBeDefined();
});

test('an event whose function died, or that did not hear that it may ask, asks when it comes again', async () => {
  const dying = createLookUps({ work: withCreateAnswer(stored.store, loseAnswer), clock, daily: 9 });
  await expect(dying.claim('dingtalk.a', 'e-1')).rejects.toThrow('the connection broke');
  expect(await open(9).claim('dingtalk.a', 'e-1')).toBeDefined();
  expect(await open(9).claim('dingtalk.a', 'e-2')).toBeUndefined();
});

test('only the first refusal of a day is one', async () => {
  const answers = await Promise.all([open(1), open(1), open(1)].map((lookUps) => lookUps.isFirstRefusal()));
  expect(answers.filter(Boolean)).toHaveLength(1);
});
