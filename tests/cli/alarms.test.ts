import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ALARM_NAMES } from '../../shared/alarms.ts';
import { ROOT } from './command-line.ts';
import { runHere } from './ops-cloud.ts';

const outputSchema = z.object({
  alarms: z.array(
    z.strictObject({
      alarm: z.string(),
      name: z.string(),
      query: z.string(),
      condition: z.string(),
      minutes: z.number(),
      severity: z.string(),
    }),
  ),
});

async function alarms() {
  const { code, stdout } = await runHere(['alarms', '--env', 'prod', '--json']);
  expect(code).toBe(0);
  return outputSchema.parse(JSON.parse(stdout)).alarms;
}

/** Texts of everything that a function is made of. */
function sources(): string[] {
  return ['functions', 'shared'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && path !== 'alarms.ts')
      .map((path) => readFileSync(join(ROOT, folder, path), 'utf8')),
  );
}

test('every alarm has a query, and every query asks for a name that the functions log', async () => {
  const logged = sources().flatMap((text) =>
    [...text.matchAll(/'(\w+)' satisfies AlarmName/g)].map(([, name = '']) => name),
  );
  expect(new Set(logged)).toEqual(new Set(ALARM_NAMES));
  const found = await alarms();
  expect(new Set(found.map(({ alarm }) => alarm))).toEqual(new Set(ALARM_NAMES));
  for (const { alarm, query } of found) expect(query).toContain(` and ${alarm} | select`);
});

test('a query names the functions whose lines it counts, and fires on too many or on none', async () => {
  const found = await alarms();
  expect(found.find(({ alarm }) => alarm === 'callback_rejected')).toEqual({
    alarm: 'callback_rejected',
    name: 'approval-loop-prod-callback-rejected',
    query: '__topic__: "FCLogs:approval-loop-prod-ingest" and callback_rejected | select count(*) as lines',
    condition: 'lines >= 20',
    minutes: 10,
    severity: 'medium',
  });
  expect(found.find(({ alarm }) => alarm === 'request_parked')?.query).toBe(
    '(__topic__: "FCLogs:approval-loop-prod-ingest" or __topic__: "FCLogs:approval-loop-prod-dispatch" or __topic__: "FCLogs:approval-loop-prod-notify") and request_parked | select count(*) as lines',
  );
  expect(found.filter(({ alarm }) => alarm === 'sweep_alive').map(({ condition }) => condition)).toEqual([
    'lines == 0',
    'lines == 0',
    'lines == 0',
  ]);
});

test('each alarm stands in docs/operations.md with its cure', () => {
  const page = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \|[^|]+\|([^|]+)\|$/gm)];
  const cured = rows.filter(([, , cure = '']) => cure.trim() !== '').map(([, name]) => name);
  expect(cured).toEqual(expect.arrayContaining([...ALARM_NAMES]));
});

test('people read one query after the other; a name that is none is refused', async () => {
  const { stdout } = await runHere(['alarms', '--env', 'dev']);
  expect(stdout).toMatch(
    /^request_parked: every 5 min, lines >= 1, high\n {2}\(__topic__: "FCLogs:approval-loop-dev-ingest"/,
  );
  expect((await runHere(['alarms', '--env', '生产 🙂'])).code).toBe(2);
});
