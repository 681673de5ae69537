import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { createJournal, type Journal } from '../../../shared/journal/journal.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { markWaiting } from '../../../shared/journal/waits.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import { createGiveUp, listParked, PARK_AFTER_MS, park, unpark } from '../../../shared/request/park.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { createHandClock } from '../hand-clock.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from '../journal/temporary-store.ts';
import { FACTS, REQUEST_ID } from './facts.ts';

let records: TemporaryStore;
let work: TemporaryStore;
let journal: Journal;
let entries: LogEntry[];
const clock = createHandClock();
beforeEach(async () => {
  records = await makeTemporaryStore();
  work = await makeTemporaryStore();
  journal = createJournal({ records: records.store, by: () => 'dispatch/1' });
  entries = [];
});
afterEach(() => Promise.all([records.remove(), work.remove()]));

const optionsOn = (store: ObjectStore = work.store) => ({
  journal,
  work: store,
  clock,
  log: createLog({ clock, write: (entry) => void entries.push(entry) }),
});

async function chainOf(...facts: Fact[]) {
  let chain = await journal.read(REQUEST_ID);
  for (const fact of facts) chain = (await journal.append(chain, fact)).chain;
  return chain;
}

const last = async () => (await journal.read(REQUEST_ID)).facts.at(-1);
const REASON = { step: 'collect', code: 'result_lost', message: '云助手已不知道这次执行' };
const PARKED = { type: 'parked', at: '2026-09-01T02:00:00.000Z', workflow: 'onboarding', ...REASON };
const ALARM = {
  level: 'error',
  message: 'parked',
  fields: { request_id: REQUEST_ID, step: 'collect', code: 'result_lost', alarm: 'request_parked' },
};

test('a day is the time that a request has', () => {
  expect(PARK_AFTER_MS).toBe(86_400_000);
});

test('a parked request is listed, recorded and alarmed', async () => {
  const chain = await park(await chainOf(FACTS.accepted, FACTS.planned, FACTS.dispatched), REASON, optionsOn());
  expect(chain.facts.at(-1)).toEqual(PARKED);
  expect(await last()).toEqual(PARKED);
  expect(await listParked(work.store)).toEqual([REQUEST_ID]);
  expect(entries).toMatchObject([ALARM]);
});

test('parked twice it is recorded and alarmed once', async () => {
  const chain = await chainOf(FACTS.accepted);
  const copies = ['dispatch/1', 'dispatch/2'].map((name) => ({
    ...optionsOn(),
    journal: createJournal({ records: records.store, by: () => name }),
  }));
  await Promise.all(copies.map((options) => park(chain, REASON, options)));
  expect((await journal.read(REQUEST_ID)).facts.map(({ type }) => type)).toEqual(['accepted', 'parked']);
  expect(entries).toMatchObject([ALARM]);
});

test('a request that ended meanwhile is not parked, though it may be listed', async () => {
  const chain = await chainOf(FACTS.accepted, FACTS.planned, FACTS.dispatched);
  await chainOf(FACTS.completed);
  expect((await park(chain, REASON, optionsOn())).facts.at(-1)).toEqual(FACTS.completed);
  expect(entries).toEqual([]);
  expect(await listParked(work.store)).toEqual([REQUEST_ID]);
});

test('while it cannot be listed it is not parked', async () => {
  const chain = await chainOf(FACTS.accepted);
  await expect(park(chain, REASON, optionsOn(withCreateAnswer(work.store, loseAnswer)))).rejects.toThrow();
  expect(await last()).toEqual(FACTS.accepted);
  await park(chain, REASON, optionsOn());
  expect(await last()).toMatchObject({ type: 'parked' });
});

test('long texts are cut to what a record holds', async () => {
  await park(
    await chainOf(FACTS.accepted),
    { step: 'plan', code: 'x'.repeat(300), message: '中'.repeat(2000) },
    optionsOn(),
  );
  expect(await last()).toMatchObject({ code: 'x'.repeat(128), message: '中'.repeat(1024) });
});

test('requests are listed in order, more than one listing holds too, until somebody has seen to them', async () => {
  const ids = Array.from({ length: 1_003 }, (_, index) => `dingtalk.${String(index).padStart(4, '0')}`);
  const store: ObjectStore = {
    ...work.store,
    list: async (prefix, { after = '', limit = 1_000 } = {}) =>
      ids
        .map((id) => `parked/${id}`)
        .filter((key) => key.startsWith(prefix) && key > after)
        .slice(0, limit),
  };
  expect(await listParked(store)).toEqual(ids);
  await park(await chainOf(FACTS.accepted), REASON, optionsOn());
  await unpark(work.store, REQUEST_ID);
  await expect(unpark(work.store, REQUEST_ID)).resolves.toBeUndefined();
  expect(await listParked(work.store)).toEqual([]);
});

describe('giving up', () => {
  /** A fact of 25 hours ago. */
  const old = <T extends Fact>(fact: T): T => ({ ...fact, at: '2026-08-31T01:00:00.000Z' });
  const giveUp = (me: FunctionName, error: unknown) =>
    createGiveUp(me, { ...optionsOn(), workflowOf: async () => 'from-the-marker' })(REQUEST_ID, error);

  test.each<[string, FunctionName, Fact[], string]>([
    ['accept', 'ingest', [], 'from-the-marker'],
    ['plan', 'dispatch', [old(FACTS.accepted)], 'onboarding'],
    ['dispatch', 'dispatch', [old(FACTS.accepted), old(FACTS.planned), FACTS.confirmed], 'onboarding'],
    ['cancel', 'dispatch', [old(FACTS.accepted), old(FACTS.withdrawn)], 'onboarding'],
  ])('the step %s, %s parks the request', async (step, me, facts, workflow) => {
    await chainOf(...facts);
    await giveUp(me, new TransientError('ecs.Throttling', 'too many'));
    expect(await last()).toEqual({ ...PARKED, workflow, step, code: 'ecs.Throttling', message: 'too many' });
  });

  test('the confirmation of a late run is ingest’s to give up', async () => {
    await chainOf(old(FACTS.accepted), old(FACTS.planned));
    await giveUp('dispatch', new Error('not mine'));
    expect((await last())?.type).toBe('planned');
    await giveUp('ingest', new Error('ETIMEDOUT'));
    expect(await last()).toMatchObject({ type: 'parked', step: 'confirm', code: 'fault', message: 'ETIMEDOUT' });
  });

  test.each<[string, FunctionName, Fact[]]>([
    ['a message that cannot be sent', 'notify', [old(FACTS.accepted), old(FACTS.completed)]],
    ['a result that cannot be read', 'notify', [old(FACTS.accepted), old(FACTS.planned), old(FACTS.dispatched)]],
    ['what is somebody else’s turn', 'dispatch', [old(FACTS.accepted), old(FACTS.planned), old(FACTS.dispatched)]],
    ['what is closed', 'dispatch', [old(FACTS.refused), old(FACTS.announced), old(FACTS.closed)]],
    ['what got on less than a day ago', 'dispatch', [FACTS.accepted]],
  ])('is not for %s', async (_, me, facts) => {
    await chainOf(...facts);
    await giveUp(me, new Error('坏了'));
    expect((await journal.read(REQUEST_ID)).facts).toEqual(facts);
    expect(await listParked(work.store)).toEqual([]);
  });

  test.each([
    ['this morning', '2026-09-01T01:00:00.000Z', false],
    ['at the beginning of the day before', '2026-08-31T00:00:00.000Z', false],
    ['two days before', '2026-08-30T23:59:59.999Z', true],
  ])('a request that last waited for another one %s may fail a whole day from then on', async (_, waited, parked) => {
    await chainOf(old(FACTS.accepted), old(FACTS.planned), FACTS.confirmed);
    await markWaiting(work.store, REQUEST_ID, Date.parse('2026-08-30T12:00:00.000Z'));
    await markWaiting(work.store, REQUEST_ID, Date.parse(waited));
    await giveUp('dispatch', new TransientError('oss.timeout', 'no answer'));
    expect((await last())?.type).toBe(parked ? 'parked' : 'confirmed');
  });

  test.each<[unknown, string, string]>([
    [new TransientError('a.b', '1'), 'a.b', '1'],
    [new PermanentError('c.d', '2'), 'c.d', '2'],
    [new TypeError('3'), 'fault', '3'],
    ['4', 'fault', '4'],
  ])('%s has the code %s', async (error, code, message) => {
    await chainOf(old(FACTS.accepted));
    await giveUp('dispatch', error);
    expect(await last()).toMatchObject({ code, message });
  });
});
