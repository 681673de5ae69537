import { createJournal, type Journal } from '../../../shared/journal/journal.ts';
import { createLocks, type Locks } from '../../../shared/journal/locks.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { createAliOss } from '../../local/object-storage/create-ali-oss.ts';
import { ROOT, startObjectStorage } from '../../local/object-storage/start-object-storage.ts';
import { FACTS } from '../request/facts.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from './temporary-store.ts';

const [A, B, C, D] = ['dingtalk.a', 'dingtalk.b', 'dingtalk.c', 'dingtalk.d'] as const;
/** `locks/` and the first 32 digits of the subject's hash. */
const FOLDER = 'locks/86ae324f618532b52faf8f27e8ac5ddc/';

let records: TemporaryStore;
let work: TemporaryStore;
let journal: Journal;
let locks: Locks;
beforeEach(async () => {
  records = await makeTemporaryStore();
  work = await makeTemporaryStore();
  journal = createJournal({ records: records.store, by: () => 'dispatch/1' });
  locks = openLocks();
});
afterEach(() => Promise.all([records.remove(), work.remove()]));

const openLocks = (store: ObjectStore = work.store): Locks => createLocks({ work: store, journal });
const take = (requestId: string, from = locks) => from.take('emp_id=E123', requestId);
const TAKEN = { taken: true };
const heldBy = (by: string) => ({ taken: false, by });

/** What happens to a request, by the journal. */
async function happens(requestId: string, ...facts: Fact[]): Promise<void> {
  let chain = await journal.read(requestId);
  for (const fact of facts) chain = (await journal.append(chain, fact)).chain;
}

describe.each<[string, () => Promise<{ store: ObjectStore; close(): Promise<void> }>]>([
  [
    'a directory',
    async () => {
      const { store, remove } = await makeTemporaryStore();
      return { store, close: remove };
    },
  ],
  [
    'object storage',
    async () => {
      const server = await startObjectStorage();
      await createAliOss({ ...ROOT, endpoint: server.origin, region: 'oss-cn-hangzhou' }).putBucket('journal');
      return { store: server.ossStore('journal'), close: () => server.stop() };
    },
  ],
])('a lock on %s', (_, open) => {
  test('is held by one request until the journal says that it has ended, and then by the next', async () => {
    const { store, close } = await open();
    const [one, two] = [openLocks(store), openLocks(store)];
    expect(await take(A, one)).toEqual(TAKEN);
    expect(await take(B, two)).toEqual(heldBy(A));
    await happens(A, FACTS.accepted, FACTS.planned, FACTS.dispatched);
    expect(await take(B, two)).toEqual(heldBy(A));
    await happens(A, FACTS.completed);
    expect(await take(B, two)).toEqual(TAKEN);
    expect(await take(C, one)).toEqual(heldBy(B));
    await close();
  });

  test('goes to one of many who come at once', async () => {
    const { store, close } = await open();
    const ids = Array.from({ length: 12 }, (_, index) => `dingtalk.${index}`);
    const taken = await Promise.all(ids.map((id) => take(id, openLocks(store))));
    expect(taken.filter((outcome) => outcome.taken)).toHaveLength(1);
    await close();
  });
});

test('stands for one subject', async () => {
  await take(A);
  expect(await locks.take('emp_id=E124', B)).toEqual(TAKEN);
  expect(await locks.take('owner=E123', C)).toEqual(TAKEN);
  expect(await locks.take('', D)).toEqual(TAKEN);
  expect(await take(B)).toEqual(heldBy(A));
});

test('can be taken again and again by who holds it, and by no copy of another', async () => {
  expect(await take(A)).toEqual(TAKEN);
  expect(await Promise.all([take(A, openLocks()), take(A, openLocks()), take(B, openLocks())])).toEqual([
    TAKEN,
    TAKEN,
    heldBy(A),
  ]);
});

test.each<[string, Fact[], boolean]>([
  ['nothing', [], false],
  ['accepted', [FACTS.accepted], false],
  ['planned', [FACTS.accepted, FACTS.planned], false],
  ['confirmed', [FACTS.accepted, FACTS.planned, FACTS.confirmed], false],
  ['withdrawn, as it may run', [FACTS.accepted, FACTS.planned, FACTS.withdrawn], false],
  ['dispatched', [FACTS.accepted, FACTS.planned, FACTS.dispatched], false],
  ['completed', [FACTS.accepted, FACTS.planned, FACTS.completed], true],
  ['observed', [FACTS.accepted, FACTS.planned, FACTS.observed], true],
  ['refused', [FACTS.accepted, FACTS.refused], true],
  ['cancelled', [FACTS.accepted, FACTS.withdrawn, FACTS.cancelled], true],
  ['parked', [FACTS.accepted, FACTS.parked], true],
  ['closed', [FACTS.accepted, FACTS.completed, FACTS.announced, FACTS.closed], true],
])('of a request that is %s', async (_, facts, free) => {
  await take(A);
  await happens(A, ...facts);
  expect(await take(B)).toEqual(free ? TAKEN : heldBy(A));
});

test('goes to one of many who come after its end, again and again, and leaves one generation behind', async () => {
  await take(A);
  let holder: string = A;
  for (let round = 1; round <= 6; round += 1) {
    await happens(holder, FACTS.refused);
    const ids = Array.from({ length: 6 }, (_, index) => `dingtalk.${round}-${index}`);
    const taken = await Promise.all(ids.map((id) => take(id, openLocks())));
    const winners = ids.filter((_, index) => taken[index]?.taken);
    expect(winners).toHaveLength(1);
    holder = winners[0] ?? '';
    expect(await work.store.list('')).toEqual([`${FOLDER}${String(round + 1).padStart(6, '0')}`]);
  }
});

test('whose answer is lost is held by who asked, and old generations go with the next', async () => {
  await take(A);
  await happens(A, FACTS.refused);
  await expect(take(B, openLocks(withCreateAnswer(work.store, loseAnswer)))).rejects.toThrow('the connection broke');
  expect(await take(C)).toEqual(heldBy(B));
  expect(await take(B)).toEqual(TAKEN);
  await happens(B, FACTS.refused);
  expect(await take(C)).toEqual(TAKEN);
  expect(await work.store.list('')).toEqual([`${FOLDER}000003`]);
});

test('whose answer says "exists" though it was stored is held by who asked', async () => {
  expect(await take(A, openLocks(withCreateAnswer(work.store, () => 'exists')))).toEqual(TAKEN);
  expect(await take(B)).toEqual(heldBy(A));
});

test('is one generation further when its old ones cannot be deleted', async () => {
  const clinging: ObjectStore = { ...work.store, delete: async () => loseAnswer() };
  await take(A);
  await happens(A, FACTS.refused);
  await expect(take(B, openLocks(clinging))).rejects.toThrow('the connection broke');
  expect(await work.store.list('')).toEqual([`${FOLDER}000001`, `${FOLDER}000002`]);
  expect(await take(C)).toEqual(heldBy(B));
  expect(await take(B)).toEqual(TAKEN);
  expect(await work.store.list('')).toEqual([`${FOLDER}000002`]);
});

test('that nobody can read does not hold anybody off', async () => {
  await work.store.createIfAbsent(`${FOLDER}000001`, Buffer.from('{"request_id":'));
  expect(await take(A)).toEqual(TAKEN);
  expect(await take(B)).toEqual(heldBy(A));
});

test('goes to nobody who comes so late that its number is free a second time', async () => {
  await take(A);
  await happens(A, FACTS.refused);
  // B is held up just before it creates generation 2: meanwhile C has had it, and D holds generation 3.
  const slow: ObjectStore = {
    ...work.store,
    createIfAbsent: async (key, body) => {
      expect(await take(C)).toEqual(TAKEN);
      await happens(C, FACTS.refused);
      expect(await take(D)).toEqual(TAKEN);
      return work.store.createIfAbsent(key, body);
    },
  };
  expect(await take(B, openLocks(slow))).toEqual(heldBy(D));
  expect(await take(B)).toEqual(heldBy(D));
  expect(await work.store.list('')).toEqual([`${FOLDER}000003`]);
});

test('goes to nobody who finds its last generation gone: somebody else has the next one', async () => {
  await take(A);
  await happens(A, FACTS.refused);
  const slow: ObjectStore = {
    ...work.store,
    get: async (key) => {
      await take(C);
      return work.store.get(key);
    },
  };
  expect(await take(B, openLocks(slow))).toEqual(heldBy(C));
});

describe('given back', () => {
  test('by who holds it, it is free for others and for the same request', async () => {
    await take(A);
    await locks.release('emp_id=E123', A);
    expect(await locks.holder('emp_id=E123')).toBeUndefined();
    expect(await take(B)).toEqual(TAKEN);
    expect(await take(A)).toEqual(heldBy(B));
    await locks.release('emp_id=E123', B);
    expect(await take(A)).toEqual(TAKEN);
    expect(await work.store.list('')).toEqual([`${FOLDER}000005`]);
  });

  test('by who does not hold it, it stays where it is', async () => {
    await locks.release('emp_id=E123', A);
    expect(await work.store.list('')).toEqual([]);
    await take(A);
    await locks.release('emp_id=E123', B);
    expect(await take(C)).toEqual(heldBy(A));
  });

  test('it goes to nobody who was on his way to the number that was given back', async () => {
    await take(A);
    await happens(A, FACTS.refused);
    // B is held up just before it creates generation 2: meanwhile C has had it, given it back, and D has the lock.
    const slow: ObjectStore = {
      ...work.store,
      createIfAbsent: async (key, body) => {
        expect(await take(C)).toEqual(TAKEN);
        await locks.release('emp_id=E123', C);
        expect(await take(D)).toEqual(TAKEN);
        return work.store.createIfAbsent(key, body);
      },
    };
    expect(await take(B, openLocks(slow))).toEqual(heldBy(D));
    expect(await work.store.list('')).toEqual([`${FOLDER}000004`]);
  });
});
