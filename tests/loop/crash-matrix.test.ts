import { z } from 'zod';
import { groupMessages } from '../../local/cloud/group-messages.ts';
import type { PlatformName } from '../../shared/ids.ts';
import {
  type Crash,
  type CrashPoint,
  describeCrash,
  type Outcome,
  recordCrashPoints,
  runWithCrash,
} from './crash-points.ts';
import { sample } from './seeded.ts';
import { COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(900_000);

/** `CRASH_MATRIX=all` kills at every call; otherwise a sample, another one with another `CRASH_MATRIX=<seed>`. */
const WANTED = process.env['CRASH_MATRIX'] ?? '1';
const SAMPLE = 8;
const CLOUDS = 2;
/** Fast, so that the sweep after a crash comes soon; recorded at the machine's own speed, where no sweep comes at all. */
const PACE = { speed: 90 };

const loops: Loop[] = [];
let employees = 2000;
const employee = () => `E${++employees}`;

beforeAll(async () => {
  for (let count = 0; count < CLOUDS; count++) loops.push(await startLoop(PACE));
});
afterAll(() => Promise.all(loops.map((loop) => loop.close())));

/** In DingTalk's group a message stays as it is; in Lark's it lives through the whole request. */
describe.each([
  ['dingtalk', /^(oss (Put|Delete)|ecs Invoke|dingtalk robot)/],
  ['lark', /^(oss (Put|Delete)|ecs Invoke|lark messages)/],
] as const)('an approval in %s', (platform, effects) => {
  let points: CrashPoint[];
  let undisturbed: Outcome;
  beforeAll(async () => {
    const loop = await startLoop({ speed: 1 });
    try {
      ({ points, outcome: undisturbed } = await recordCrashPoints(loop, platform, employee));
    } finally {
      await loop.close();
    }
  });

  test('the undisturbed run shows every effect, made by all three functions', () => {
    expect(undisturbed).toMatchObject({
      facts: COMPLETED.filter((fact) => fact !== 'dispatched'),
      runs: [{ status: 'Success', exitCode: 0 }],
      messages: [expect.stringContaining('已完成')],
      left: [],
      user: expect.stringContaining('/bin/bash'),
    });
    expect(new Set(points.map(({ functionName }) => functionName)).size).toBe(3);
    expect(points.filter(({ deed }) => effects.test(deed)).length).toBeGreaterThan(10);
  });

  test('a function killed before or after any call, or around its whole work, leaves what an undisturbed run leaves', async () => {
    const all = points.flatMap((point) => (['before', 'after'] as const).map((when): Crash => ({ ...point, when })));
    const queue = WANTED === 'all' ? all : sample(all, SAMPLE, Number(WANTED));
    const differing: string[] = [];
    const work = async (loop: Loop) => {
      for (let crash = queue.shift(); crash; crash = queue.shift()) {
        const outcome = await attempt(loop, platform, crash);
        if (JSON.stringify(outcome) !== JSON.stringify(undisturbed))
          differing.push(`${describeCrash(crash)}: ${JSON.stringify(outcome)}`);
      }
    };
    await Promise.all(loops.map(work));
    expect(differing).toEqual([]);
  });
});

test('afterwards each cloud has one run and one user for each success that was told, and nothing else', async () => {
  const found = await Promise.all(
    loops.map(async (loop) => {
      const passwd = (await loop.file('/etc/passwd')) ?? '';
      const users = [...passwd.matchAll(/^(e\d+):x:/gm)].map(([, name]) => name);
      return { told: successesOf(loop), runs: await countRuns(loop), users: users.length, names: users };
    }),
  );
  const names = found.flatMap((each) => each.names);
  expect(new Set(names).size).toBe(names.length);
  for (const { told, runs, users } of found) expect({ runs, users }).toEqual({ runs: told, users: told });
});

/** A sweep may get there first and take another way, so that the moment does not come; then the next run has it. */
async function attempt(loop: Loop, platform: PlatformName, crash: Crash): Promise<Outcome | string> {
  for (let tries = 1; tries <= 3; tries++) {
    const { outcome, struck } = await runWithCrash(loop, platform, employee(), crash);
    if (struck) return outcome;
  }
  return 'the moment never came';
}

/** Messages of a success that the group of this cloud has seen. */
function successesOf({ cloud }: Loop): number {
  return groupMessages(cloud).filter(({ title }) => title.startsWith('✅')).length;
}

const countSchema = z.object({ TotalCount: z.number() });

/** All that Cloud Assistant has run, whatever its tags say. */
async function countRuns({ cloud, ecs }: Loop): Promise<number> {
  return countSchema.parse(await ecs.request('DescribeInvocations', { RegionId: cloud.region })).TotalCount;
}
