import { z } from 'zod';
import { CHAT_NAMES, type ChatName, everyWay } from '../../chaos/every-way.ts';
import { groupMessages } from '../../local/cloud/group-messages.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import {
  type Crash,
  type CrashPoint,
  describeCrash,
  type Outcome,
  recordCrashPoints,
  runWithCrash,
  type Submit,
  submitIn,
} from './crash-points.ts';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { sample } from './seeded.ts';
import { COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(900_000);

/** `CRASH_MATRIX=all` kills at every call; otherwise a sample, another one with another `CRASH_MATRIX=<seed>`. */
const WANTED = process.env['CRASH_MATRIX'] ?? '1';
const SAMPLE = 2;
const CLOUDS = 2;
/** Fast, so that the sweep after a crash comes soon; recorded at the machine's own speed, where no sweep comes at all. */
const PACE = { speed: 90 };

let other: OtherRoot;
const loops: Loop[] = [];
let slow: Loop;
let employees = 2000;
const employee = () => `E${++employees}`;

beforeAll(async () => {
  other = await makeRoot(everyWay);
  slow = await startLoop({ root: other.root, speed: 1 });
  for (let count = 0; count < CLOUDS; count++) loops.push(await startLoop({ root: other.root, ...PACE }));
});
afterAll(async () => {
  await Promise.all([slow, ...loops].map((loop) => loop.close()));
  await other.remove();
});

/** Every kind of group: what stays as it is, with a key for a repeat and without, and what lives through the request. */
const WAYS = PLATFORM_NAMES.flatMap((platform) => CHAT_NAMES.map((chat) => ({ platform, chat })));
const CHAT_FIELD = { dingtalk: 'DDSelectField-CHAT', lark: 'chat' };
const SENDS: Record<PlatformName, Record<ChatName, RegExp>> = {
  dingtalk: { webhooks: /^dingtalk robot.send/, robots: /^dingtalk groupMessages/, cards: /^dingtalk card/ },
  lark: { webhooks: /^lark bot/, robots: /^lark messages/, cards: /^lark messages/ },
};

describe.each(WAYS)('an approval in $platform that is told in its group of $chat', ({ platform, chat }) => {
  const submit = submitIn(platform, { [CHAT_FIELD[platform]]: chat });
  let points: CrashPoint[];
  let undisturbed: Outcome;
  beforeAll(async () => {
    ({ points, outcome: undisturbed } = await recordCrashPoints(slow, submit, employee));
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
    expect(points.filter(({ deed }) => /^(oss (Put|Delete)|ecs Invoke)/.test(deed)).length).toBeGreaterThan(10);
    expect(points.some(({ deed }) => SENDS[platform][chat].test(deed))).toBe(true);
  });

  test('a function killed before or after any call, or around its whole work, leaves what an undisturbed run leaves', async () => {
    const all = points.flatMap((point) => (['before', 'after'] as const).map((when): Crash => ({ ...point, when })));
    const queue = WANTED === 'all' ? all : sample(all, SAMPLE, Number(WANTED));
    const differing: string[] = [];
    const work = async (loop: Loop) => {
      for (let crash = queue.shift(); crash; crash = queue.shift()) {
        const outcome = await attempt(loop, submit, crash);
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
async function attempt(loop: Loop, submit: Submit, crash: Crash): Promise<Outcome | string> {
  for (let tries = 1; tries <= 3; tries++) {
    const { outcome, struck } = await runWithCrash(loop, submit, employee(), crash);
    if (struck) return outcome;
  }
  return 'the moment never came';
}

/** Requests whose success the groups of this cloud have seen: each message names its own. */
function successesOf({ cloud }: Loop): number {
  const told = groupMessages(cloud).filter(({ title }) => title.startsWith('✅'));
  return new Set(told.map(({ text }) => text)).size;
}

const countSchema = z.object({ TotalCount: z.number() });

/** All that Cloud Assistant has run, whatever its tags say. */
async function countRuns({ cloud, ecs }: Loop): Promise<number> {
  return countSchema.parse(await ecs.request('DescribeInvocations', { RegionId: cloud.region })).TotalCount;
}
