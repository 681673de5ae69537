import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { clearLeases, createLeases, EFFECT_LEASE_MS, type Leases } from '../../../shared/journal/leases.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createHandClock } from '../hand-clock.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from './temporary-store.ts';

const ID = 'dingtalk.abc';
const TTL_MS = 90_000;

let opened: TemporaryStore;
let work: ObjectStore;
let clock: ReturnType<typeof createHandClock>;
let leases: Leases;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  work = opened.store;
  clock = createHandClock();
  leases = openLeases();
});
afterEach(() => opened.remove());

let holders = 0;
function openLeases(store: ObjectStore = work): Leases {
  const holder = () => {
    holders += 1;
    return `notify/1/${holders}`;
  };
  return createLeases({ work: store, clock, holder });
}

const take = (from = leases) => from.take(ID, 'run', TTL_MS);

/** Takes the lease and fails where it cannot be had. */
async function hold(from = leases) {
  const lease = await take(from);
  if (!lease) throw new Error('the lease is held');
  return lease;
}

test('is held by one until its end, to the millisecond', async () => {
  await hold();
  clock.advance(TTL_MS - 1);
  expect(await take()).toBeUndefined();
  clock.advance(1);
  expect(await take()).toBeDefined();
});

test('stands for one effect of one request', async () => {
  await hold();
  expect(await leases.take(ID, 'announce', TTL_MS)).toBeDefined();
  expect(await leases.take(`${ID}d`, 'run', TTL_MS)).toBeDefined();
  expect(await take()).toBeUndefined();
});

test('can be taken again as soon as it is released', async () => {
  await (await hold()).release();
  await (await hold()).release();
  await hold();
  expect(await take()).toBeUndefined();
});

test('released twice is no error and releases nobody else', async () => {
  const first = await hold();
  await first.release();
  await expect(first.release()).resolves.toBeUndefined();
  await hold();
  expect(await take()).toBeUndefined();
});

test('goes to one of many who come at once', async () => {
  const taken = await Promise.all(Array.from({ length: 16 }, () => take(openLeases())));
  expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
});

test('goes to one of many who come after its end, again and again', async () => {
  await hold();
  for (let round = 0; round < 12; round += 1) {
    clock.advance(TTL_MS);
    const taken = await Promise.all(Array.from({ length: 8 }, () => take(openLeases())));
    expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
    expect(await take()).toBeUndefined();
  }
});

test('taken over is left alone by the late release of who had it before', async () => {
  const late = await hold();
  clock.advance(TTL_MS);
  const mine = await hold();
  await late.release();
  expect(await take()).toBeUndefined();
  await mine.release();
  expect(await take()).toBeDefined();
});

test('goes to nobody who finds it released just as he looks: its number may be taken by another', async () => {
  await hold();
  clock.advance(TTL_MS);
  const second = await hold();
  const slow: ObjectStore = {
    ...work,
    get: async (key) => {
      await second.release();
      return work.get(key);
    },
  };
  expect(await take(openLeases(slow))).toBeUndefined();
  const third = await hold();
  expect(await take()).toBeUndefined();
  await third.release();
});

test('whose answer says "exists" though it was stored is held by its taker', async () => {
  const unlucky = openLeases(withCreateAnswer(work, () => 'exists'));
  const lease = await hold(unlucky);
  expect(await take()).toBeUndefined();
  await lease.release();
  expect(await take()).toBeDefined();
});

test('whose answer is lost holds everybody off until its end and no longer', async () => {
  await expect(take(openLeases(withCreateAnswer(work, loseAnswer)))).rejects.toThrow('the connection broke');
  expect(await take()).toBeUndefined();
  clock.advance(TTL_MS);
  expect(await take()).toBeDefined();
});

test('that nobody can read does not hold anybody off', async () => {
  await work.createIfAbsent(`leases/${ID}/run/000001`, Buffer.from('{"holder":'));
  expect(await take()).toBeDefined();
  expect(await take()).toBeUndefined();
});

test('is cleared with all others of its request, and no others', async () => {
  await hold();
  await leases.take(ID, 'announce', TTL_MS);
  await leases.take(`${ID}d`, 'run', TTL_MS);
  await clearLeases(work, ID);
  expect(await work.list('')).toEqual([`leases/${ID}d/run/000001`]);
  expect(await take()).toBeDefined();
  await expect(clearLeases(work, 'lark.unknown')).resolves.toBeUndefined();
});

test('the lease on an effect outlives every function that may hold it', () => {
  const file = z
    .object({ resources: z.record(z.string(), z.object({ props: z.object({ timeout: z.number() }) })) })
    .parse(parse(readFileSync(resolve(__dirname, '../../../s.yaml'), 'utf8')));
  expect(Object.values(file.resources).map(({ props }) => props.timeout)).toEqual([60, 60, 60]);
  expect(EFFECT_LEASE_MS).toBe(90_000);
});
