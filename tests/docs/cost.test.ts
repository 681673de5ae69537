import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Counts, countApproval, countSweeps } from '../../bench/calls/count.ts';
import { type LocalCloud, startLocalCloud } from '../../cli/local-cloud.ts';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { ROOT } from '../cli/command-line.ts';
import { readPage } from './read-docs.ts';
import { rowsOf } from './tables.ts';

jest.setTimeout(120_000);

const page = readPage('docs/cost.md');
const COLUMNS = { dingtalk: 'DingTalk, custom robot', lark: 'Lark, card', sweep: 'one sweep of each function' };
type Column = keyof typeof COLUMNS;

/** What the page says of each operation in a column: the least and the most. */
function documented(column: Column): [name: string, least: number, most: number][] {
  return rowsOf(page).flatMap((row) => {
    const [, least, most] = /^(\d+)(?:-(\d+))?$/.exec(row[COLUMNS[column]] ?? '') ?? [];
    return least === undefined ? [] : [[row['operation'] ?? '', Number(least), Number(most ?? least)]];
  });
}

/** What the page calls what was counted. */
const NAMES: readonly [RegExp, string][] = [
  [/^invoke (\w+)$/, '$1'],
  [/^event-bridge PutEvents$/, 'PutEvents, one event each'],
  [/^oss (\w+)$/, '$1'],
  [/^ecs (DescribeCommands|DescribeInvocations)$/, 'DescribeCommands, DescribeInvocations'],
  [/^ecs (\w+)$/, '$1'],
  [/^(dingtalk|lark) (accessToken|tenant_access_token\/internal|user\/get|users\/get)$/, 'tokens, names'],
  [/^(dingtalk|lark) .+$/, 'counted calls'],
];

function asThePageCallsThem(counts: Counts): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [counted, count] of Object.entries(counts)) {
    const [pattern, name] = NAMES.find(([candidate]) => candidate.test(counted)) ?? [
      /^/,
      `${counted}, which the page does not know: `,
    ];
    const called = counted.replace(pattern, name);
    sums.set(called, (sums.get(called) ?? 0) + count);
  }
  return sums;
}

let folder: string;
let local: LocalCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cost-test-'));
  local = await startLocalCloud({ root: ROOT, directory: join(folder, 'cloud'), port: 0 });
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

/** How much more a round may take than the page's twelve did: functions that meet at a request read it once more. */
const MARGIN = 1.5;

function expectAsDocumented(column: Column, counts: Counts): void {
  const counted = asThePageCallsThem(counts);
  const said = documented(column);
  expect([...counted.keys()].sort()).toEqual(said.map(([name]) => name).sort());
  for (const [name, least, most] of said) {
    const count = counted.get(name) ?? 0;
    expect({ name, count, isAsSaid: count >= Math.floor(least / MARGIN) && count <= Math.ceil(most * MARGIN) }).toEqual(
      {
        name,
        count,
        isAsSaid: true,
      },
    );
  }
}

test.each(PLATFORM_NAMES)('an approval in %s makes the calls that the page counts', async (platform) => {
  const { submitted, approved } = await countApproval(local, ROOT, platform);
  // The platform sends again what was not answered in time.
  expect(Object.keys(submitted)).toEqual(['invoke ingest']);
  expectAsDocumented(platform, approved);
  expect(approved['ecs InvokeCommand']).toBe(1);
});

test('a minute without approvals makes the calls that the page counts', async () => {
  expectAsDocumented('sweep', await countSweeps(local));
});

const MINUTES = 30 * 24 * 60;
const CU = { invocation: 75 / 10_000, vCpu: 1, memory: 0.15, disk: 0.05 };
const USD = 0.00002;
const english = (value: number, digits = 0) => value.toLocaleString('en-US', { maximumFractionDigits: digits });

test('the example goes by the sizes of s.yaml and of the warm instance of env.yaml', () => {
  const read = (name: string): unknown => parse(readFileSync(join(ROOT, name), 'utf8'));
  const size = z.object({ cpu: z.number(), memorySize: z.number(), diskSize: z.number() });
  const file = z.object({ template: z.object({ function: size }) }).parse(read('s.yaml'));
  expect(file.template.function).toEqual({ cpu: 0.35, memorySize: 512, diskSize: 512 });
  const environments = z
    .object({ environments: z.object({ prod: z.object({ functions: z.object({ ingest: z.unknown() }) }) }) })
    .parse(read('env.yaml'));
  expect(environments.environments.prod.functions.ingest).toEqual({ cpu: 0.5, memory: 1024, min_instances: 1 });
});

test('every figure of the example follows from the formula and the counted calls', () => {
  const second = 0.35 * CU.vCpu + 0.5 * CU.memory + 0.5 * CU.disk;
  expect(second).toBeCloseTo(0.45);
  const mostInvocations = (column: Column) =>
    documented(column)
      .filter(([name]) => ['ingest', 'dispatch', 'notify'].includes(name))
      .reduce((sum, [, , most]) => sum + most, 0);
  // DingTalk: ingest, dispatch, notify, and ingest once more for the submission.
  const invocations = mostInvocations('dingtalk') + 1;
  const approval = [invocations * CU.invocation, invocations * 0.3 * second] as const;
  const sweeps = [3 * MINUTES * CU.invocation, 3 * MINUTES * 0.1 * second] as const;
  const warm = [MINUTES * 60 * CU.memory, MINUTES * 60 * 0.5 * CU.disk] as const;
  const sum = ([a, b]: readonly [number, number]) => a + b;
  for (const figure of [
    `${english(approval[0], 3)} + ${english(approval[1], 3)} = ${english(sum(approval), 3)} | ${english(sum(approval) * USD, 7)}`,
    `${english(10_000 * invocations)} | ${english(10_000 * sum(approval))} | ${english(10_000 * sum(approval) * USD, 2)}`,
    `${english(3 * MINUTES)} | ${english(sweeps[0])} + ${english(sweeps[1])} = ${english(sum(sweeps))} | ${english(sum(sweeps) * USD, 2)}`,
    `${english(warm[0])} + ${english(warm[1])} = ${english(sum(warm))} | ${english(sum(warm) * USD, 2)}`,
  ])
    expect(page.text).toContain(figure);
});

test('so do the requests of OSS and the events', () => {
  const requests = (column: Column) =>
    documented(column)
      .filter(([name]) => /Objects?$/.test(name))
      .reduce((sum, [, , most]) => sum + most, 0);
  const [dingtalk, lark, sweep] = [requests('dingtalk'), requests('lark'), requests('sweep')];
  expect(page.text).toContain(`at most ${dingtalk} (DingTalk) or ${lark} (Lark) requests each`);
  expect(page.text).toContain(`${sweep} requests a minute, ${english(sweep * MINUTES)} in 30 days`);
  expect(page.text).toContain(`= ${english((sweep * MINUTES) / 10_000, 2)} × p`);
  expect(page.text).toContain(`Four events an approval are CNY ${english((4 * 5.64) / 1e6, 8)}.`);
});
