import { createReconcile } from '../../../functions/ingest/reconcile.ts';
import { TransientError } from '../../../shared/errors.ts';
import type { Level } from '../../../shared/journal/usage.ts';
import { FACTS } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const HOUR_MS = 3_600_000;

let opened: TemporaryWorld;
/** What the platform's list of decided approvals holds, and what it could not deliver. */
let decided: string[];
let undelivered: string[];
let listings: number;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  decided = [];
  undelivered = [];
  listings = 0;
});
afterEach(() => opened.remove());

/** An instance of ingest, with so much left of the month's calls. */
function open(level: Level = 'plenty') {
  const { functions, world } = opened;
  const source = {
    ...world.source,
    listDecided: async () => {
      listings += 1;
      return [...decided];
    },
    takeUndelivered: async (keep: (hint: { instance_id: string; code: string }) => Promise<void>) => {
      for (const instance_id of undelivered.splice(0)) await keep({ instance_id, code: 'PROC-1' });
    },
  };
  const usage = { ...functions.usage, level: async () => level };
  return createReconcile({ ...functions, sources: [source], usage });
}

const nextHour = () => opened.world.clock.advance(HOUR_MS);
const markers = () => opened.functions.markers.list();
const approve = (...ids: string[]) => {
  opened.world.source.put(...ids.map((id) => approvalOf(id)));
  decided.push(...ids);
};

test('what was decided before the first look does not run', async () => {
  approve('old');
  const reconcile = open();
  await reconcile();
  nextHour();
  await reconcile();
  expect(await markers()).toEqual([]);
  expect(opened.world.source.reads).toEqual([]);
});

test('the first look counts also where the list was empty', async () => {
  await open()();
  nextHour();
  approve('first');
  await open()();
  expect(await markers()).toEqual(['dingtalk.first']);
});

describe('after the first look', () => {
  beforeEach(async () => {
    await open()();
    nextHour();
  });

  test('an approval that no callback told is found, and looked at once', async () => {
    approve('missed');
    await open()();
    nextHour();
    await open()();
    expect(await markers()).toEqual(['dingtalk.missed']);
    expect(opened.world.source.reads).toEqual(['missed']);
  });

  test('one that is known costs no call and stays as it is', async () => {
    approve('open', 'closed');
    await opened.mark('open');
    await opened.write('dingtalk.closed', FACTS.refused);
    await open()();
    expect(await markers()).toEqual(['dingtalk.open']);
    expect(opened.world.source.reads).toEqual([]);
  });

  test.each(['not approved', 'revoked'] as const)('one that is %s is looked at once and left alone', async (state) => {
    opened.world.source.put(approvalOf('no', { state }));
    decided.push('no');
    await open()();
    nextHour();
    await open()();
    expect([await markers(), opened.world.source.reads]).toEqual([[], ['no']]);
  });

  test('what the platform could not deliver is kept, whatever is left of the quota', async () => {
    undelivered = ['undelivered'];
    await open('last')();
    expect(await markers()).toEqual(['dingtalk.undelivered']);
  });

  test('it looks once an hour, all instances together', async () => {
    const before = listings;
    const reconcile = open();
    await reconcile();
    await reconcile();
    await open()();
    expect(listings - before).toBe(1);
  });

  test.each<[Level, number]>([
    ['plenty', 24],
    ['scarce', 4],
    ['last', 1],
  ])('with "%s" left of the quota it reads the lists %i times in a day', async (level, times) => {
    const before = listings;
    for (let hour = 0; hour < 24; hour += 1) {
      await open(level)();
      nextHour();
    }
    expect(listings - before).toBe(times);
  });

  test('a look that fails is taken again at the next minute', async () => {
    approve('missed');
    opened.world.source.next('missed', new TransientError('dingtalk.http_503', 'not now'));
    const reconcile = open();
    await reconcile();
    expect(await markers()).toEqual([]);
    // Whoever broke off may hold the lease for five minutes.
    opened.world.clock.advance(5 * 60_000);
    await reconcile();
    expect(await markers()).toEqual(['dingtalk.missed']);
  });
});

describe('what belongs to requests', () => {
  const work = () => opened.world.work;
  const put = async (...keys: string[]) => {
    for (const key of keys) await work().createIfAbsent(key, Buffer.from('{}'));
  };
  const LEFT = [
    'leases/dingtalk.gone/announce/000001',
    'notices/dingtalk.gone/waiting',
    'told/dingtalk.gone.revoke/0001',
  ];
  const IN_USE = [
    'leases/dingtalk.open.retry-1/run/000001',
    'leases/reconcile/lark/000001',
    'notices/dingtalk.open/waiting',
    'told/dingtalk.open/0001',
    'told/lark.gone/0001',
  ];
  const kept = async () => {
    const lists = await Promise.all(['leases/', 'notices/', 'told/'].map((prefix) => work().list(prefix)));
    return lists.flat();
  };

  test('is removed once they are closed, each platform by itself', async () => {
    await opened.mark('open');
    await opened.mark('open', { request_id: 'dingtalk.open.retry-1' });
    await put(...LEFT, ...IN_USE);
    await open()();
    expect(await kept()).toEqual(IN_USE);
  });

  test('is removed 200 at a time', async () => {
    await put(...Array.from({ length: 250 }, (_, index) => `told/dingtalk.${1_000 + index}/0001`));
    await open()();
    expect(await kept()).toHaveLength(50);
    nextHour();
    await open()();
    expect(await kept()).toEqual([]);
  });
});
