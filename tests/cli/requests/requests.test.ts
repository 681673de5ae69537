import { z } from 'zod';
import { openApprovalDesk } from '../../../cli/approval/dingtalk-approval.ts';
import { type OpsCloud, openOpsCloud, runHere } from '../ops-cloud.ts';
import type { Outcome } from '../outcome.ts';
import { parseOutcome, titleOf } from '../outcome.ts';

let ops: OpsCloud;
/** Ended well. */
let good: Outcome;
beforeAll(async () => {
  ops = await openOpsCloud();
  expect(await list()).toEqual(['No request is open.']);
  good = await ops.approve('emp_id=E201', 'role=devops');
});
afterAll(() => ops.close());

const list = async (...args: string[]) => {
  const { code, stdout, stderr } = await ops.loop('requests', 'list', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
};
const show = (query: string) => ops.loop('requests', 'show', query);
const instanceOf = ({ request_id }: Outcome) => request_id.replace('dingtalk.', '');
const at = '2026-09-01T02:00:00.000Z';
const shownSchema = z.looseObject({
  summary: z.looseObject({ request_id: z.string(), state: z.string() }),
  records: z.array(z.looseObject({ seq: z.number(), fact: z.looseObject({ type: z.string() }) })),
});

describe('requests list', () => {
  test('has nothing open once all have ended, and all of them with --all', async () => {
    expect(await list()).toEqual(['No request is open.']);
    expect(await list('--parked')).toEqual(['No request is parked.']);
    const [head = '', row = ''] = await list('--all');
    expect(head.split(/ {2,}/)).toEqual(['REQUEST', 'WORKFLOW', 'SUBJECT', 'AGE', 'LAST FACT', 'NEXT STEP', 'BY']);
    expect(row.split(/ {2,}/)).toEqual([
      good.request_id,
      'onboarding',
      'E201',
      expect.stringMatching(/^\d+ s$/),
      'closed (Success)',
      '-',
      '-',
    ]);
  });

  test('is one object with --json', async () => {
    const [line = ''] = await list('--all', '--json');
    expect(JSON.parse(line)).toEqual({
      requests: [
        {
          request_id: good.request_id,
          workflow: 'onboarding',
          subject: 'E201',
          end: 'Success',
          state: 'ended',
          received_at: expect.stringMatching(/^2\d{3}-/),
          age_ms: expect.any(Number),
          last_fact: 'closed',
          last_fact_at: expect.stringMatching(/^2\d{3}-/),
          next_step: null,
          by: null,
        },
      ],
      pauses: [],
    });
  });

  test('takes one of --open, --parked, --all', async () => {
    const { code, stderr } = await ops.loop('requests', 'list', '--parked', '--all');
    expect(code).toBe(2);
    expect(stderr).toContain("option '--all' cannot be used with option '--parked'");
  });
});

describe('requests show', () => {
  test('finds a request by its id, its approval, its number and its employee', async () => {
    const byId = (await show(good.request_id)).stdout;
    const number = /张三提交的新员工入职 (\d+)/.exec(byId)?.[1] ?? '';
    for (const query of [instanceOf(good), number, 'E201']) {
      const { code, stdout } = await show(query);
      expect([code, stdout.split('\n')[0]]).toEqual([0, `${good.request_id}  onboarding · E201`]);
    }
  });

  test('has every fact with time and writer, the run, and the message', async () => {
    const { stdout } = await show(good.request_id);
    const facts = stdout.split('\n').flatMap((line) => {
      const [, seq, type, by] = /^ +(\d) {2}2\d{3}-\S+Z {2}(\w+) .*\[(\w+)\/\S+\]$/.exec(line) ?? [];
      return seq === undefined ? [] : [`${seq} ${type} ${by}`];
    });
    expect(facts).toEqual([
      '1 accepted ingest',
      '2 planned dispatch',
      '3 dispatched dispatch',
      '4 completed notify',
      '5 announced notify',
      '6 closed notify',
    ]);
    expect(stdout).toMatch(/^ {2}t-\w+ on i-\w+: Success, exit code 0$/m);
    expect(stdout).toContain('│ ### ✅ 新员工入职 · E201 已完成');
  });

  test('is one object with --json', async () => {
    const { stdout } = await ops.loop('requests', 'show', 'E201', '--json');
    const shown = shownSchema.parse(JSON.parse(stdout));
    expect(shown.summary).toMatchObject({ request_id: good.request_id, state: 'ended' });
    expect(shown.records.map(({ fact }) => fact.type)).toHaveLength(6);
  });

  test.each([
    ['nothing', 'E999', 'error: there is no request "E999" here; "why" also asks the platform about it\n'],
    [
      'a path',
      '../../etc/passwd',
      'error: there is no request "../../etc/passwd" here; "why" also asks the platform about it\n',
    ],
    [
      'a terminal escape',
      '\u001b[2Jx\u202e',
      'error: there is no request "x" here; "why" also asks the platform about it\n',
    ],
    [
      'a request id with a path',
      'dingtalk.a/../b',
      'error: there is no request "dingtalk.a/../b" here; "why" also asks the platform about it\n',
    ],
  ])('%s that is not there is an error, exit code 2', async (_what, query, stderr) => {
    expect(await show(query)).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('requests retry', () => {
  const retry = (query: string, ...args: string[]) =>
    ops.loop('requests', 'retry', query, '--reason', 'disk full', ...args);

  test('is refused for one that ended well, exit code 1', async () => {
    expect(await retry('E201')).toEqual({
      code: 1,
      stdout: '',
      stderr: `not tried again: ${good.request_id} ended well, and trying it again would run it twice; --force does so all the same\n`,
    });
  });

  test('after a failure is a new attempt that says who and why, step by step to its message', async () => {
    await ops.onInstance('useradd --no-create-home e202');
    const failed = await ops.approve('emp_id=E202', 'role=devops');
    expect(titleOf(failed)).toBe('### ❌ 新员工入职 · E202 执行失败');
    await ops.onInstance('userdel e202');
    const { code, stdout, stderr } = await retry('E202', '--failed-only', '--by', '王五\u001b[31m');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const id = `${failed.request_id}.retry-1`;
    expect(stdout.split('\n')[0]).toBe(`${id}: tried again for 王五: disk full`);
    expect(stdout).toMatch(/ms {2}accepted .*\n(.*\n)*.*ms {2}closed\n/);
    expect(stdout).toContain('│ ### ✅ 新员工入职 · E202 已完成');
    expect(stdout).toContain('│ - 重新执行：disk full（王五）');
    // What failed first is not tried again once an attempt ended well.
    expect((await retry('E202')).stderr).toContain(`${id} ended well`);
    const again = await retry(failed.request_id, '--force', '--json');
    expect(parseRetry(again.stdout)).toMatchObject({
      request_id: `${failed.request_id}.retry-2`,
      invocation: { status: 'Success' },
    });
    expect((await show(`${id}`)).stdout).toContain(`${failed.request_id}.retry-2  Success`);
  });

  test('--failed-only is refused where nothing failed on an instance', async () => {
    expect((await retry('E201', '--failed-only', '--force')).stderr).toBe(
      'not tried again: --failed-only: no run of it failed on an instance; leave it out\n',
    );
  });

  test('of one that was refused is refused by the same guard again, exit code 1', async () => {
    const refused = await ops.approve('emp_id=124', 'role=devops');
    const { code, stdout } = await retry(refused.request_id);
    expect(code).toBe(1);
    expect(stdout).toContain('│ ### ⛔ 新员工入职 未执行');
  });

  test('without a reason, or with one that says nothing, is wrong usage', async () => {
    expect((await ops.loop('requests', 'retry', 'E201')).stderr).toContain(
      "required option '--reason <text>' not specified",
    );
    expect(await ops.loop('requests', 'retry', 'E201', '--reason', '\u001b[2J \u200b')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: --reason is empty; say why, for the record\n',
    });
  });

  test('of an employee with two requests names them, exit code 2', async () => {
    const more = await ops.approve('emp_id=E201', 'role=devops');
    const { code, stderr } = await retry('E201', '--force');
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe('error: "E201" is about 2 requests; name one of them:');
    expect(stderr).toContain(good.request_id);
    expect(stderr).toContain(more.request_id);
    expect((await show('E201')).stderr).toContain('"E201" is about 2 requests');
  });
});

describe('a parked request', () => {
  test('is on its list, and is taken off it by a retry that nobody waits for', async () => {
    const good = await ops.approve('emp_id=E210', 'role=devops');
    // Given up long ago, by the records alone: the approval behind it is the one that has just been given.
    const id = `${good.request_id}.retry-1`;
    const parked = {
      type: 'parked',
      at,
      workflow: 'onboarding',
      step: 'accept',
      code: 'dingtalk.\u001b[2J',
      message: 'down',
    } as const;
    const announced = {
      type: 'announced',
      at,
      platform: 'dingtalk',
      chat: 'it-ops',
      message_sha256: '0'.repeat(64),
    } as const;
    await ops.write(id, parked, announced, { type: 'closed', at });
    await ops.work.createIfAbsent(`parked/${id}`, Buffer.from('{"at":1}'));
    const [, row = ''] = await list('--parked');
    expect(row.split(/ {2,}/)).toEqual([
      id,
      'onboarding',
      expect.stringMatching(/^\d+ d/),
      'closed (Parked)',
      'retry',
      'operator',
    ]);

    const { code, stdout } = await ops.loop('requests', 'retry', id, '--reason', 'up again', '--no-wait', '--json');
    expect({ code, answer: JSON.parse(stdout) }).toEqual({
      code: 0,
      answer: { request_id: `${good.request_id}.retry-2` },
    });
    expect(await list('--parked')).toEqual(['No request is parked.']);
    // It is started at once, without waiting for the minute.
    const started = Date.now();
    while ((await ops.journal.read(`${good.request_id}.retry-2`)).facts.length === 0)
      expect(Date.now() - started).toBeLessThan(10_000);
  });
});

describe('requests stop', () => {
  const stop = (query: string) => ops.loop('requests', 'stop', query);

  test('ends a run that goes on: the message says that somebody stopped it, exit code 0', async () => {
    await ops.onInstance(
      "printf '#!/bin/sh\\nexec sleep 3600\\n' > /usr/local/sbin/useradd && chmod 755 /usr/local/sbin/useradd",
    );
    const hanging = ops.begin('local', 'approve', 'onboarding', 'emp_id=E220', 'role=devops');
    await hanging.printed(/command invoked/);
    const row = (await list()).find((line) => line.includes('  E220  ')) ?? '';
    expect(row.split(/ {2,}/).slice(1)).toEqual([
      'onboarding',
      'E220',
      expect.stringMatching(/ s$/),
      'dispatched',
      'collect',
      'notify',
    ]);
    const retry = await ops.loop('requests', 'retry', 'E220', '--reason', 'x');
    expect([retry.code, retry.stderr]).toEqual([
      1,
      expect.stringContaining('is still open (dispatched); "requests stop" ends its run'),
    ]);
    const { code, stdout } = await stop('E220');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^dingtalk\.\S+: stopping t-\w+\n/);
    expect(stdout).toContain('│ ### ⏹ 新员工入职 · E220 已被终止');
    await hanging.ended;
    await ops.onInstance('rm /usr/local/sbin/useradd');
  });

  test('ends one that no instance has taken', async () => {
    const [instance = ''] = ops.local.description.instances;
    ops.local.cloud.setAgentOnline(instance, false);
    const waiting = ops.begin('local', 'approve', 'onboarding', 'emp_id=E221', 'role=devops');
    await waiting.printed(/command invoked/);
    const { code, stdout } = await stop('E221');
    ops.local.cloud.setAgentOnline(instance, true);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ ### ⏹ 新员工入职 · E221 已/);
    await waiting.ended;
  });

  test('of one that has ended stops nothing, exit code 1', async () => {
    const { code, stderr } = await stop(good.request_id);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^not stopped: the run t-\w+ of \S+ has ended already\n$/),
    ]);
  });
});

test('a reversal is tried again as a reversal, and its original no more', async () => {
  const { request_id: id } = await ops.approve('emp_id=E230', 'role=devops');
  const instanceId = id.replace('dingtalk.', '');
  const { cloud, description } = ops.local;
  const desk = await openApprovalDesk({ url: description.endpoints.dingtalk, ...description.dingtalk });
  await desk.decide(cloud.dingtalk.attachInstance(instanceId, 'REVOKE'), 'lisi', 'agree');
  const closed = async () => (await ops.journal.read(`${id}.revoke`)).facts.at(-1)?.type === 'closed';
  const begun = Date.now();
  while (!(await closed()) && Date.now() - begun < 30_000) {
    for (const name of ['ingest', 'notify'])
      await ops.invokeFunction(`approval-loop-dev-${name}`, { triggerTime: 'now', triggerName: 'test' });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const { code, stdout } = await ops.loop('requests', 'retry', `${id}.revoke`, '--reason', 'once more', '--force');
  expect([code, stdout.split('\n')[0]]).toEqual([0, `${id}.revoke.retry-1: tried again for operator: once more`]);
  expect(stdout).toContain('│ ### ✅ 撤销 新员工入职 · E230 已完成');
  const original = await ops.loop('requests', 'retry', id, '--reason', 'x', '--force');
  expect([original.code, original.stdout]).toEqual([1, expect.stringContaining('该审批已被撤销')]);
});

test.each([
  ['list', 'requests list'],
  ['show', 'requests show x'],
  ['retry', 'requests retry x --reason y'],
  ['stop', 'requests stop x'],
  ['pull', 'approvals pull dingtalk x'],
  ['why', 'why x'],
])('%s says how to start a cloud where none runs, exit code 2', async (_what, line) => {
  const { code, stderr } = await runHere([...line.split(' '), '--state', `${ops.folder}/none`]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('no embedded cloud runs on ')]);
});

function parseRetry(stdout: string) {
  // A retry's id has one segment more than the outcome of an approval.
  return {
    ...parseOutcome(stdout.replace(/\.retry-\d+"/, '"')),
    request_id: /"request_id":"([^"]*)"/.exec(stdout)?.[1],
  };
}
