import fc from 'fast-check';
import { TransientError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createSlots, type MessageKind, type Slots } from '../../../shared/journal/slots.ts';
import { createHandClock, START } from '../hand-clock.ts';
import { createSimulatedTime, createSlowStore } from './simulated-time.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from './temporary-store.ts';

const CHAT = 'dingtalk.it-ops';

let opened: TemporaryStore;
let clock: ReturnType<typeof createHandClock>;
let slots: Slots;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  clock = createHandClock();
  slots = open();
});
afterEach(() => opened.remove());

const open = (store: ObjectStore = opened.store, time = clock): Slots => createSlots({ work: store, clock: time });

/** How many of so many messages may be sent, asked for one after the other. */
async function sent(count: number, kind: MessageKind, from: Slots = slots, channel = CHAT): Promise<number> {
  let granted = 0;
  for (let asked = 0; asked < count; asked += 1) granted += (await isGranted(from.take(channel, kind))) ? 1 : 0;
  return granted;
}

async function isGranted(slot: Promise<void>): Promise<boolean> {
  try {
    await slot;
    return true;
  } catch (error) {
    if (error instanceof TransientError && error.code === 'chat.full') return false;
    throw error;
  }
}

test.each<[MessageKind, number]>([
  ['final', 20],
  ['progress', 15],
])('a chat has %s messages: %i, and 70 seconds later as many again', async (kind, most) => {
  expect(await sent(25, kind)).toBe(most);
  clock.advance(69_999);
  expect(await sent(1, kind)).toBe(0);
  clock.advance(1);
  expect(await sent(25, kind)).toBe(most);
});

test('a new minute of the clock makes no difference', async () => {
  clock.advance(50_000);
  expect(await sent(25, 'final')).toBe(20);
  clock.advance(15_000);
  expect(await sent(25, 'final')).toBe(0);
});

test('slots get free one by one, each 70 seconds after it was taken', async () => {
  for (let taken = 0; taken < 20; taken += 1) {
    expect(await sent(1, 'final')).toBe(1);
    clock.advance(2_000);
  }
  clock.advance(30_000);
  expect(await sent(5, 'final')).toBe(1);
  clock.advance(1_999);
  expect(await sent(5, 'final')).toBe(0);
  clock.advance(2_001);
  expect(await sent(5, 'final')).toBe(2);
});

test('a full minute says how many messages it has had', async () => {
  await sent(20, 'final');
  await expect(slots.take(CHAT, 'final')).rejects.toEqual(
    new TransientError('chat.full', 'the chat has had its 20 messages of this minute'),
  );
});

test('the last five of a minute are for final messages', async () => {
  expect(await sent(25, 'progress')).toBe(15);
  expect(await sent(25, 'final')).toBe(5);
});

test('final messages leave nothing for others when they come first', async () => {
  expect(await sent(15, 'final')).toBe(15);
  expect(await sent(1, 'progress')).toBe(0);
  expect(await sent(25, 'final')).toBe(5);
});

test('each chat has its own', async () => {
  expect(await sent(25, 'final')).toBe(20);
  expect(await sent(25, 'final', slots, 'dingtalk.hr')).toBe(20);
  expect(await sent(25, 'final', slots, 'lark.it-ops')).toBe(20);
});

test('two instances of the function that ask at once share them', async () => {
  const both = [open(), open()];
  const asked = both.flatMap((instance) => Array.from({ length: 16 }, () => isGranted(instance.take(CHAT, 'final'))));
  expect((await Promise.all(asked)).filter((granted) => granted)).toHaveLength(20);
});

test('two instances that ask at once share those for progress too', async () => {
  const both = [open(), open()];
  const asked = both.flatMap((instance) => Array.from({ length: 9 }, () => isGranted(instance.take(CHAT, 'progress'))));
  expect((await Promise.all(asked)).filter((granted) => granted)).toHaveLength(15);
});

test('what is older than the last twenty is removed', async () => {
  await sent(20, 'final');
  clock.advance(70_000);
  await sent(20, 'final');
  clock.advance(70_000);
  await sent(1, 'final');
  const numbers = (await opened.store.list('')).map((key) => key.slice('sends/f7f493a32faa8acd/'.length));
  expect(numbers).toEqual(Array.from({ length: 21 }, (_, index) => `0000000${21 + index}`));
});

test('an instance whose clock is behind takes no more than there are', async () => {
  const behind = open(opened.store, createHandClock(clock.now() - 60_000));
  expect(await sent(19, 'final')).toBe(19);
  expect(await sent(5, 'final', behind)).toBe(1);
  expect(await sent(5, 'final')).toBe(0);
});

test('times of a clock that was set back hold up nothing', async () => {
  const ahead = open(opened.store, createHandClock(clock.now() + 3_600_000));
  expect(await sent(20, 'final', ahead)).toBe(20);
  expect(await sent(25, 'final')).toBe(20);
});

test('an object that is none of ours holds up nothing', async () => {
  await opened.store.createIfAbsent('sends/f7f493a32faa8acd/000000001', Buffer.from('?'));
  expect(await sent(25, 'final')).toBe(20);
});

test('a slot whose answer is lost is used up, and no message was sent on it', async () => {
  await expect(open(withCreateAnswer(opened.store, loseAnswer)).take(CHAT, 'final')).rejects.toThrow(
    'the connection broke',
  );
  expect(await sent(25, 'final')).toBe(19);
});

test('a slot that was stored although the answer says "exists" is used up, and the next one is taken', async () => {
  const lies = ['exists', 'created'] as const;
  let calls = 0;
  const unlucky = withCreateAnswer(opened.store, (truth) => lies[calls++] ?? truth);
  expect(await sent(1, 'final', open(unlucky))).toBe(1);
  expect(await sent(25, 'final')).toBe(18);
});

/** What several instances ask for: after how many ms, and for what. */
const ask = fc.tuple(fc.noBias(fc.nat(4_000)), fc.constantFrom<MessageKind>('final', 'progress'));
const asks = fc.array(ask, { maxLength: 40, size: 'max' });
const instances = fc.array(asks, { minLength: 1, maxLength: 5, size: 'max' });
/** A call has an answer within 3 seconds or none, on the way to the store as well as to the chat. */
const latencies = fc.array(fc.constantFrom(0, 20, 1_500), { minLength: 1, maxLength: 50 });

test('no minute ever has more than 20 messages, or 15 for progress, however many ask and however slow the store is', async () => {
  await fc.assert(
    fc.asyncProperty(instances, latencies, async (askedFor, delays) => {
      const time = createSimulatedTime(START);
      let calls = 0;
      const latency = () => delays[calls++ % delays.length] ?? 0;
      const store = createSlowStore(time, latency);
      const messages: { at: number; kind: MessageKind }[] = [];
      const send = async (list: readonly (readonly [number, MessageKind])[]) => {
        const mine = createSlots({ work: store, clock: time });
        for (const [after, kind] of list) {
          await time.sleep(after);
          if (!(await isGranted(mine.take(CHAT, kind)))) continue;
          await time.sleep(2 * latency());
          messages.push({ at: time.now(), kind });
        }
      };
      const all = Promise.all(askedFor.map(send));
      await time.run();
      await all;
      expect(mostInAMinute(messages)).toBeLessThanOrEqual(20);
      expect(mostInAMinute(messages.filter(({ kind }) => kind === 'progress'))).toBeLessThanOrEqual(15);

      // Whatever has happened, a rest gives all of them back, and hardly anything is kept.
      const before = messages.length;
      const rest = send([[70_000, 'final'], ...Array.from({ length: 19 }, () => [0, 'final'] as const)]);
      await time.run();
      await rest;
      expect(messages.length - before).toBe(20);
      const [keys] = await Promise.all([store.list(''), time.run()]);
      expect(keys.length).toBeLessThanOrEqual(21);
    }),
    { numRuns: 100 },
  );
});

/** The most messages within any 60 seconds. */
function mostInAMinute(messages: readonly { at: number }[]): number {
  const times = messages.map(({ at }) => at).sort((a, b) => a - b);
  return Math.max(0, ...times.map((from, index) => times.slice(index).filter((at) => at < from + 60_000).length));
}
