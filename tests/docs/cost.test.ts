import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Counts, countApproval, countSweeps, PACE } from '../../bench/calls/count.ts';
import { type LocalCloud, startLocalCloud } from '../../cli/local-cloud.ts';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { ROOT } from '../cli/command-line.ts';
import { readPage } from './read-docs.ts';
import { rowsOf } from './tables.ts';

jest.setTimeout(300_000);

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
  local = await startLocalCloud({ root: ROOT, directory: join(folder, 'cloud'), port: 0, ...PACE });
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

/** A busy machine makes functions meet at a request, which read it once more: a round may take so many times the most. */
const MARGIN = 1.5;

/** Where what was counted is not as the page says: an operation that it does not know, one too often, or one that never came. */
function contradictions(column: Column, counts: Counts): string[] {
  const counted = asThePageCallsThem(counts);
  const said = new Map(documented(column).map(([name, least, most]) => [name, { least, most }]));
  return [...new Set([...counted.keys(), ...said.keys()])].flatMap((name) => {
    const count = counted.get(name) ?? 0;
    const { least, most } = said.get(name) ?? { least: 0, most: 0 };
    const isAsSaid = count <= Math.ceil(most * MARGIN) && (count > 0 || least === 0);
    return isAsSaid ? [] : [`${name}: ${count}, the page says ${least} to ${most}`];
  });
}

test('a minute without approvals makes the calls that the page counts', async () => {
  expect(contradictions('sweep', await countSweeps(local))).toEqual([]);
});

test.each(PLATFORM_NAMES)('an approval in %s makes the calls that the page counts', async (platform) => {
  const { submitted, approved } = await countApproval(local, ROOT, platform);
  // The platform sends again what was not answered in time.
  expect(Object.keys(submitted)).toEqual(['invoke ingest']);
  expect(contradictions(platform, approved)).toEqual([]);
  expect(approved['ecs InvokeCommand']).toBe(1);
});

test('a call that the page does not know, one too often and one that never came would be found', () => {
  const counts = {
    'invoke ingest': 1,
    'invoke dispatch': 1,
    'oss PutObject': 40,
    'oss ListObjects': 4,
    'oss GetObject': 2,
    'ecs RunCommand': 1,
  };
  expect(contradictions('sweep', counts)).toEqual([
    expect.stringMatching(/^PutObject: 40, /),
    expect.stringMatching(/^RunCommand: 1, the page says 0 to 0$/),
    expect.stringMatching(/^notify: 0, /),
  ]);
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
    `${english(approval[0], 4)} + ${english(approval[1], 4)} = ${english(sum(approval), 4)} | ${english(sum(approval) * USD, 8)}`,
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
  expect(page.text).toContain(`Three events an approval are CNY ${english((3 * 5.64) / 1e6, 8)}.`);
});
