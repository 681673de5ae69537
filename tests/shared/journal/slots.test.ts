import { TransientError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createSlots, type MessageKind, type Slots } from '../../../shared/journal/slots.ts';
import { createHandClock } from '../hand-clock.ts';
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
])('a chat has %s messages: %i in a minute, and in the next minute as many again', async (kind, most) => {
  expect(await sent(25, kind)).toBe(most);
  clock.advance(59_999);
  expect(await sent(1, kind)).toBe(0);
  clock.advance(1);
  expect(await sent(25, kind)).toBe(most);
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

test('the slots of a minute that is over are removed', async () => {
  await sent(3, 'final');
  clock.advance(60_000);
  await sent(1, 'final');
  expect(await opened.store.list('')).toEqual(['slots/f7f493a32faa8acd/29803801/00']);
});

test('an instance whose minute is not over yet leaves the next one alone', async () => {
  const behind = open(opened.store, createHandClock(clock.now() - 60_000));
  expect(await sent(19, 'final')).toBe(19);
  expect(await sent(1, 'final', behind)).toBe(1);
  expect(await sent(5, 'final')).toBe(1);
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
