import fc from 'fast-check';
import { sha256Hex } from '../../../shared/ids.ts';
import type { DirectoryStore } from '../../../shared/journal/directory-store.ts';
import {
  BrokenChainError,
  type Chain,
  createJournal,
  type Journal,
  recordKey,
} from '../../../shared/journal/journal.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { FACTS, REQUEST_ID } from '../request/facts.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from './temporary-store.ts';

const WHOLE: readonly Fact[] = [
  FACTS.accepted,
  FACTS.planned,
  FACTS.dispatched,
  FACTS.completed,
  FACTS.announced,
  FACTS.closed,
];
const OTHER_ID = 'lark.other';
const keys = WHOLE.map((_, index) => recordKey(REQUEST_ID, index + 1));
const [FIRST = '', SECOND = '', THIRD = '', FOURTH = ''] = keys;

let opened: TemporaryStore;
let store: DirectoryStore;
let journal: Journal;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  store = opened.store;
  journal = openJournal('ingest/1-a');
});
afterEach(() => opened.remove());

function openJournal(by: string, records: ObjectStore = store): Journal {
  return createJournal({ records, by: () => by });
}

async function write(facts: readonly Fact[], requestId = REQUEST_ID): Promise<Chain> {
  let chain = await journal.read(requestId);
  for (const fact of facts) chain = (await journal.append(chain, fact)).chain;
  return chain;
}

async function stored(key: string): Promise<Buffer> {
  const bytes = await store.get(key);
  if (!bytes) throw new Error(`there is no ${key}`);
  return bytes;
}

describe('a chain', () => {
  test('is empty for a request that nobody knows', async () => {
    expect(await journal.read('lark.unknown')).toEqual({ requestId: 'lark.unknown', facts: [], lastSha256: null });
  });

  test('reads back as it was written, in order, 中文 and emoji too', async () => {
    const written = await write(WHOLE);
    expect(written.facts).toEqual(WHOLE);
    expect(await journal.read(REQUEST_ID)).toEqual(written);
  });

  test('keeps record 1 apart and each record with the hash of the one before', async () => {
    const chain = await write(WHOLE.slice(0, 3));
    expect([FIRST, SECOND, THIRD]).toEqual([
      'accepted/dingtalk.fdc2ebbd-346e_4022.json',
      'records/dingtalk.fdc2ebbd-346e_4022/0002.json',
      'records/dingtalk.fdc2ebbd-346e_4022/0003.json',
    ]);
    expect(await store.list('')).toEqual([FIRST, SECOND, THIRD]);
    expect(JSON.parse((await stored(THIRD)).toString())).toEqual({
      v: 1,
      request_id: REQUEST_ID,
      seq: 3,
      previous: sha256Hex(await stored(SECOND)),
      by: 'ingest/1-a',
      fact: FACTS.dispatched,
    });
    expect(JSON.parse((await stored(FIRST)).toString())).toMatchObject({ seq: 1, previous: null });
    expect(chain.lastSha256).toBe(sha256Hex(await stored(THIRD)));
  });

  test('is one request only, also beside one whose id begins like it', async () => {
    await write(WHOLE);
    await write([FACTS.refused], `${REQUEST_ID}x`);
    expect((await journal.read(`${REQUEST_ID}x`)).facts).toEqual([FACTS.refused]);
    expect((await journal.read(REQUEST_ID)).facts).toHaveLength(6);
  });

  test('stays in order past nine records', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...FACTS.dispatched, invoke_id: `t-${index}` }));
    await write(many);
    expect((await journal.read(REQUEST_ID)).facts).toEqual(many);
  });

  test('does not mistake a record written while it is read for a missing one', async () => {
    // The listing of this store takes so long that two records are written meanwhile.
    const slow: ObjectStore = {
      ...store,
      get: async (key) => {
        const early = await store.get(key);
        if (key === FIRST && !early) await write(WHOLE.slice(0, 2));
        return early;
      },
    };
    const chain = await openJournal('notify/1-b', slow).read(REQUEST_ID);
    expect(chain.facts.length).toBeLessThanOrEqual(2);
    expect((await journal.read(REQUEST_ID)).facts).toHaveLength(2);
  });

  test.each(['', 'dingtalk.', 'dingtalk.a/../b', 'slack.a', '../../etc'])('has no key for %j', async (id) => {
    expect(() => recordKey(id, 1)).toThrow('not a request id');
    await expect(journal.read(id)).rejects.toThrow('not a request id');
  });

  test('takes no fact that is not one', async () => {
    const chain = await journal.read(REQUEST_ID);
    const tooLong: Fact = { ...FACTS.parked, code: 'x'.repeat(129) };
    await expect(journal.append(chain, tooLong)).rejects.toThrow();
    expect(await store.list('')).toEqual([]);
  });
});

describe('two writers', () => {
  test('cannot both write the next record; who comes second gets the true chain', async () => {
    const chain = await write([FACTS.accepted]);
    const first = await openJournal('dispatch/1-a').append(chain, FACTS.planned);
    const second = await openJournal('dispatch/1-b').append(chain, FACTS.refused);
    expect(first.won).toBe(true);
    expect(second).toEqual({ won: false, chain: first.chain });
    expect(second.chain.facts).toEqual([FACTS.accepted, FACTS.planned]);
  });

  test('who comes second by more than one record gets them all', async () => {
    const chain = await write([FACTS.accepted]);
    await write([FACTS.planned, FACTS.dispatched]);
    const late = await openJournal('dispatch/1-b').append(chain, FACTS.planned);
    expect(late.won).toBe(false);
    expect(late.chain.facts).toEqual([FACTS.accepted, FACTS.planned, FACTS.dispatched]);
  });

  test('one of many wins each record, and all end with the same chain', async () => {
    const writers = Array.from({ length: 8 }, (_, index) => openJournal(`notify/1-${index}`));
    const wins = await Promise.all(
      writers.map(async (writer) => {
        let chain = await writer.read(REQUEST_ID);
        let won = 0;
        while (chain.facts.length < 10) {
          const appended = await writer.append(chain, { ...FACTS.dispatched, invoke_id: `t-${chain.facts.length}` });
          chain = appended.chain;
          if (appended.won) won += 1;
        }
        expect(chain.facts).toHaveLength(10);
        return won;
      }),
    );
    expect(wins.reduce((sum, won) => sum + won, 0)).toBe(10);
    const { facts } = await journal.read(REQUEST_ID);
    expect(facts.map((fact) => fact.type === 'dispatched' && fact.invoke_id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `t-${index}`),
    );
  });
});

describe('an answer that is lost', () => {
  test('and repeated as "exists" is a win all the same: the bytes there are ours', async () => {
    const chain = await write([FACTS.accepted]);
    const unlucky = openJournal(
      'dispatch/1-a',
      withCreateAnswer(store, () => 'exists'),
    );
    const appended = await unlucky.append(chain, FACTS.planned);
    expect(appended.won).toBe(true);
    expect(await journal.read(REQUEST_ID)).toEqual(appended.chain);
  });

  test('as an error leaves the record, and the next try goes on from it', async () => {
    const chain = await write([FACTS.accepted]);
    const unlucky = openJournal('dispatch/1-a', withCreateAnswer(store, loseAnswer));
    await expect(unlucky.append(chain, FACTS.planned)).rejects.toThrow('the connection broke');
    const again = await openJournal('dispatch/1-b').read(REQUEST_ID);
    expect(again.facts).toEqual([FACTS.accepted, FACTS.planned]);
    expect((await openJournal('dispatch/1-b').append(again, FACTS.dispatched)).won).toBe(true);
  });

  test('is no win where the bytes are of somebody else, even for the same fact', async () => {
    const chain = await write([FACTS.accepted]);
    await openJournal('dispatch/1-a').append(chain, FACTS.planned);
    const appended = await openJournal('dispatch/1-b').append(chain, FACTS.planned);
    expect(appended.won).toBe(false);
    expect(appended.chain.facts).toEqual([FACTS.accepted, FACTS.planned]);
  });
});

describe('tampering', () => {
  beforeEach(() => write(WHOLE));

  const expectBroken = (message: string) =>
    expect(journal.read(REQUEST_ID)).rejects.toThrow(
      new BrokenChainError(`${message}; run "audit verify" on this request`),
    );

  test('with a value shows in the hash of the next record', async () => {
    await store.replace(FIRST, Buffer.from((await stored(FIRST)).toString().replace('E123', 'E999')));
    await expectBroken(`${SECOND}: it does not carry the hash of the record before it`);
  });

  test('with any single bit of any record but the last is found, and names that record or the next', async () => {
    const bit = fc.tuple(fc.nat(WHOLE.length - 2), fc.nat(), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(bit, async ([index, position, shift]) => {
        const key = keys[index] ?? '';
        const original = await stored(key);
        const changed = Buffer.from(original);
        const at = position % changed.length;
        changed[at] = (changed[at] ?? 0) ^ (1 << shift);
        await store.replace(key, changed);
        const error = await journal.read(REQUEST_ID).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        await store.replace(key, original);
        expect(error).toBeInstanceOf(BrokenChainError);
        expect([key, keys[index + 1]]).toContain(String(error).split(': ')[1]);
      }),
      { numRuns: 150 },
    );
    expect((await journal.read(REQUEST_ID)).facts).toEqual(WHOLE);
  });

  test('by taking a record out of the middle names the one after the hole', async () => {
    await store.delete(THIRD);
    await expectBroken(`${FOURTH}: record 3 is missing before it`);
  });

  test('by taking out the first record names the second', async () => {
    await store.delete(FIRST);
    await expectBroken(`${SECOND}: record 1 is missing before it`);
  });

  test('by swapping two records names the first that is out of place', async () => {
    const [second, third] = [await stored(SECOND), await stored(THIRD)];
    await store.replace(SECOND, third);
    await store.replace(THIRD, second);
    await expectBroken(`${SECOND}: it belongs elsewhere`);
  });

  test('by putting in a record of another request names it', async () => {
    await write([FACTS.accepted, FACTS.planned], OTHER_ID);
    await store.replace(SECOND, await stored(recordKey(OTHER_ID, 2)));
    await expectBroken(`${SECOND}: it belongs elsewhere`);
  });

  test('by putting in the same facts under other hashes names the first that does not fit', async () => {
    const forged = { ...JSON.parse((await stored(SECOND)).toString()), previous: '0'.repeat(64) };
    await store.replace(SECOND, Buffer.from(JSON.stringify(forged)));
    await expectBroken(`${SECOND}: it does not carry the hash of the record before it`);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('{"v":1,')],
    ['JSON that is no record', Buffer.from('{"v":1}')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
  ])('by leaving %s in place of a record names it', async (_, bytes) => {
    await store.replace(THIRD, bytes);
    await expectBroken(`${THIRD}: not a journal record`);
  });

  test('by adding a key between the records names it', async () => {
    await store.createIfAbsent(`records/${REQUEST_ID}/0002.json.bak`, await stored(THIRD));
    await expectBroken(`records/${REQUEST_ID}/0002.json.bak: record 3 is missing before it`);
  });

  test('is also found by who appends to a chain read before it', async () => {
    const chain = { ...(await journal.read(REQUEST_ID)) };
    const early = { ...chain, facts: chain.facts.slice(0, 5) };
    await store.delete(THIRD);
    await expect(journal.append(early, FACTS.closed)).rejects.toThrow(`${FOURTH}: record 3 is missing before it`);
  });
});
