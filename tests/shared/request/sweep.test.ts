import type { Marker, Markers } from '../../../shared/journal/markers.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';
import { isDue, sweep } from '../../../shared/request/sweep.ts';
import { createHandClock, START } from '../hand-clock.ts';

const MINUTE_MS = 60_000;

describe('how often a request is looked at', () => {
  const dueMinutes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index).filter((age) =>
      isDue(START, START + age * MINUTE_MS),
    );

  test.each([
    ['every minute in its first quarter of an hour', 0, 15, 15],
    ['every five minutes up to two hours', 15, 120, 21],
    ['every half hour up to a day', 120, 1440, 44],
    ['every two hours from then on', 1440, 2880, 12],
  ])('%s', (_, from, to, times) => {
    expect(dueMinutes(from, to)).toHaveLength(times);
  });

  test('counts whole minutes of its age', () => {
    expect(isDue(START, START + 20 * MINUTE_MS)).toBe(true);
    expect(isDue(START, START + 20 * MINUTE_MS + 59_999)).toBe(true);
    expect(isDue(START, START + 21 * MINUTE_MS)).toBe(false);
  });

  test('looks at a request at once that seems to come from the future', () => {
    expect(isDue(START + 10 * MINUTE_MS, START)).toBe(true);
  });
});

/** Markers in memory; one may be gone by the time it is read. */
function openMarkers(ids: readonly string[], receivedAt = START): Markers {
  const marker = (request_id: string): Marker => ({
    request_id,
    platform: 'dingtalk',
    instance_id: request_id.slice('dingtalk.'.length),
    code: 'PROC-1',
    received_at: receivedAt,
  });
  return {
    put: async () => 'exists',
    list: async ({ after = '', limit = 1000 } = {}) => ids.filter((id) => id > after).slice(0, limit),
    get: async (id) => (id.endsWith('gone') ? undefined : marker(id)),
    delete: async () => {},
  };
}

function openSweep(
  markers: Markers,
  advance: (id: string) => Promise<unknown>,
  {
    now = START + 3 * MINUTE_MS,
    giveUp,
    resumed,
  }: { now?: number; giveUp?: (id: string, error: unknown) => Promise<void>; resumed?: number } = {},
) {
  const clock = createHandClock(now);
  const givenUp: [string, unknown][] = [];
  const keep = async (id: string, error: unknown) => void givenUp.push([id, error]);
  const entries: LogEntry[] = [];
  const log = createLog({ clock, write: (entry) => void entries.push(entry) });
  const work = { get: async () => (resumed === undefined ? undefined : Buffer.from(JSON.stringify({ at: resumed }))) };
  const run = (budgetMs = 40_000) => sweep({ markers, work, advance, giveUp: giveUp ?? keep, clock, log, budgetMs });
  return { clock, entries, givenUp, run };
}

test.each([
  ['a pause that was lifted a moment ago makes every request due', 3 * MINUTE_MS - 1, ['dingtalk.a']],
  ['three minutes later only those are due whose turn it is', 3 * MINUTE_MS, []],
])('%s', async (_, ago, seen) => {
  const now = START + 121 * MINUTE_MS;
  const looked: string[] = [];
  const advance = async (id: string) => void looked.push(id);
  await openSweep(openMarkers(['dingtalk.a']), advance, { now, resumed: now - ago }).run();
  expect(looked).toEqual(seen);
});

describe('the sweep', () => {
  test('takes every open request further once, more than one listing holds too', async () => {
    const ids = Array.from({ length: 2_345 }, (_, index) => `dingtalk.${String(index).padStart(5, '0')}`);
    const seen: string[] = [];
    const { run, entries } = openSweep(openMarkers(ids), async (id) => void seen.push(id));
    await run();
    expect(seen.sort()).toEqual(ids);
    expect(entries).toEqual([]);
  });

  test('passes over a request that is closed meanwhile and one that is not due', async () => {
    const seen: string[] = [];
    await openSweep(openMarkers(['dingtalk.a', 'dingtalk.gone']), async (id) => void seen.push(id)).run();
    const old = openMarkers(['dingtalk.old'], START - 30 * MINUTE_MS);
    await openSweep(old, async (id) => void seen.push(id)).run();
    expect(seen).toEqual(['dingtalk.a']);
  });

  test('goes on when a request fails, and says which', async () => {
    const seen: string[] = [];
    const { run, entries } = openSweep(openMarkers(['dingtalk.a', 'dingtalk.b', 'dingtalk.c']), async (id) => {
      if (id === 'dingtalk.b') throw new Error('坏了');
      seen.push(id);
    });
    await run();
    expect(seen).toEqual(['dingtalk.a', 'dingtalk.c']);
    expect(entries).toMatchObject([
      {
        level: 'error',
        message: 'the sweep could not take a request further',
        fields: { request_id: 'dingtalk.b', error: '坏了' },
      },
    ]);
  });

  test.each([
    ['keeps trying one that has failed for a day', 1440 * MINUTE_MS, false],
    ['gives up one that has failed for longer', 1560 * MINUTE_MS, true],
  ])('%s', async (_, age, gone) => {
    const error = new Error('坏了');
    const fail = async () => {
      throw error;
    };
    const { run, givenUp } = openSweep(openMarkers(['dingtalk.a']), fail, { now: START + age });
    await run();
    expect(givenUp).toEqual(gone ? [['dingtalk.a', error]] : []);
  });

  test('gives up nothing that goes on, however old it is', async () => {
    const { run, givenUp, entries } = openSweep(openMarkers(['dingtalk.a']), async () => undefined, {
      now: START + 10 * 1440 * MINUTE_MS,
    });
    await run();
    expect([givenUp, entries]).toEqual([[], []]);
  });

  test('goes on with the others when a request cannot even be given up', async () => {
    const seen: string[] = [];
    const { run, entries } = openSweep(
      openMarkers(['dingtalk.a', 'dingtalk.b']),
      async (id) => {
        if (id === 'dingtalk.a') throw new Error('坏了');
        seen.push(id);
      },
      {
        now: START + 1560 * MINUTE_MS,
        giveUp: async () => {
          throw new Error('这也坏了');
        },
      },
    );
    await run();
    expect(seen).toEqual(['dingtalk.b']);
    expect(entries.map(({ message, fields }) => [message, fields['error']])).toEqual([
      ['the sweep could not take a request further', '坏了'],
      ['parking failed', '这也坏了'],
    ]);
  });

  test('works on four requests at a time', async () => {
    let running = 0;
    let most = 0;
    const ids = Array.from({ length: 20 }, (_, index) => `dingtalk.${index}`);
    const { run } = openSweep(openMarkers(ids), async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    await run();
    expect(most).toBe(4);
  });

  test('starts no request after its time is up', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `dingtalk.${index}`);
    let started = 0;
    const { run, clock } = openSweep(openMarkers(ids), async () => {
      started += 1;
      clock.advance(10_000);
    });
    await run(40_000);
    expect(started).toBeGreaterThanOrEqual(5);
    expect(started).toBeLessThanOrEqual(8);
  });

  test('starts at another place each minute: requests that take up all of its time do not keep the others from theirs', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `dingtalk.${String(index).padStart(2, '0')}`);
    const seen = new Set<string>();
    for (let minute = 0; minute < 50; minute += 1) {
      const now = START + minute * MINUTE_MS;
      const { run, clock } = openSweep(
        openMarkers(ids, now),
        async (id) => {
          seen.add(id);
          clock.advance(20_000);
        },
        { now },
      );
      await run(10_000);
    }
    expect([...seen].sort()).toEqual(ids);
  });
});
