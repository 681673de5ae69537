import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

jest.setTimeout(300_000);

const ENTRY = resolve(__dirname, '../../dist/chaos/entry.js');

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command; `interrupt` sends Ctrl-C as soon as it says something. */
async function chaos(args: readonly string[], interrupt = false): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  if (interrupt) child.stderr.once('data', () => child.kill('SIGINT'));
  const code = new Promise<number | null>((done) => child.once('close', done));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('approval-loop-chaos-'));

const reportSchema = z.looseObject({
  approvals: z.number(),
  provisioned: z.number(),
  refused: z.number(),
  declined: z.number(),
  failed: z.number(),
  ways: z.object({ connection: z.number(), posted: z.number() }),
  faults: z.record(z.string(), z.number()),
  not_drawn: z.array(z.string()),
});

test('40 approvals with a fifth of everything disturbed: none is lost, none runs twice, each ends in one message', async () => {
  const args = ['--approvals', '40', '--seed', '3', '--faults', '20', '--speed', '90', '--json'];
  const { code, stdout, stderr } = await chaos(args);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report).toMatchObject({
    lost: 0,
    double_runs: 0,
    wrong_values: 0,
    overlaps: 0,
    missing_final: 0,
    duplicate_final: 0,
    misleading: 0,
    uninvited: 0,
    left_open: 0,
    journal_ok: true,
    problems: [],
    seed: 3,
  });
  const { provisioned, refused, declined, failed, ways, faults, not_drawn } = report;
  // A way in that nothing takes would show no fault.
  expect(ways.connection).toBeGreaterThan(10);
  expect(ways.posted).toBeGreaterThan(3);
  // Whoever asked in a group and asked again may have got two.
  expect(report.approvals).toBeGreaterThanOrEqual(40);
  expect(provisioned + refused + declined + failed).toBe(report.approvals);
  expect(provisioned).toBeGreaterThan(20);
  expect(Object.values(faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(300);
  expect(Object.keys(faults)).toEqual(expect.arrayContaining(['cloud_restart', 'process_kill', 'call_crash_after']));
  // An outage that nobody met would be none.
  expect(faults['bus_unreachable']).toBeGreaterThan(4);
  expect(faults['chat_unreachable']).toBeGreaterThan(4);
  // A stranger tries one thing after the other, so that a short run meets many.
  expect(Object.keys(faults).filter((kind) => kind.startsWith('forged_')).length).toBeGreaterThan(4);
  expect(not_drawn.filter((kind) => kind in faults)).toEqual([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('without faults nothing is disturbed, and people read how it went', async () => {
  const { code, stdout, stderr } = await chaos(['--approvals', '3', '--faults', '0']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^3 approvals, seed 1, \d+ s: /);
  expect(stdout).toContain('\n0 faults: \n✓ 0 lost\n✓ 0 double runs\n');
  expect(stderr).toContain('all 3 submitted');
});

test('Ctrl-C ends it with 130 and leaves no folder behind', async () => {
  const before = await folders();
  const { code, stdout } = await chaos(['--approvals', '50', '--faults', '0', '--speed', '60'], true);
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect((await folders()).filter((name) => !before.includes(name))).toEqual([]);
});

test.each([
  ['--approvals', 'many', 'a number of approvals is 1 to 100000.'],
  ['--faults', '61', 'a percentage is 0 to 60.'],
  ['--speed', '1', 'a speed is 2 to 600.'],
  ['--seed', '-1', 'a seed is 0 to 4294967296.'],
])('%s %s is wrong usage', async (option, value, message) => {
  const { code, stdout, stderr } = await chaos([option, value]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
