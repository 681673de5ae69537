import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAll, run, start } from '../command-line.ts';
import { parseOutcome, stepNames, titleOf } from '../outcome.ts';
import { type RunningCloud, startUp } from './start-up.ts';

let folder: string;
let cloud: RunningCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'approve-test-'));
  cloud = await startUp(join(folder, 'cloud'));
});
afterAll(async () => {
  await killAll();
  await rm(folder, { recursive: true, force: true });
});

const words = (line: string) => line.split(' ');
const lineOf = (line: string) => ['local', 'approve', ...words(line), '--state', cloud.description.directory];
const approve = (line: string) => run(lineOf(line));

/** The embedded cloud's own door, for an instance that does not answer. */
async function setAgent(online: boolean): Promise<void> {
  const { control, instances } = cloud.description;
  const answer = await fetch(`${control.url}/agents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${control.token}` },
    body: JSON.stringify({ instance_id: instances[0], online }),
  });
  expect(answer.status).toBe(200);
}

describe('an approval that is agreed to', () => {
  test('is followed step by step to its message, exit code 0', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E123 role=devops');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^dingtalk\.\S+: zhangsan asks, lisi presses agree$/);
    const steps = lines.flatMap((line) => /^ *\d+ ms {2}(\w+ ?\w+)/.exec(line)?.[1] ?? []);
    expect(steps.filter((name) => !['event published', 'rule matched'].includes(name))).toEqual([
      'callback verified',
      'marker durable',
      'form read',
      'accepted',
      'planned',
      'command invoked',
      'script output',
      'completion event',
      'completed',
      'message delivered',
      'closed',
    ]);
    expect(stdout).toMatch(/\n\n╭─ it-ops\n│ ### ✅ 新员工入职 · E123 已完成\n(│.*\n)+╰─\n$/);
    expect(stdout).not.toContain('\u001b');
  });

  test('is one object with --json', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E124 role=analyst --json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const outcome = parseOutcome(stdout);
    expect(outcome).toMatchObject({
      workflow: 'onboarding',
      parameters: { emp_id: 'E124', role: 'analyst' },
      invocation: { status: 'Success', exit_code: 0, instance_id: cloud.description.instances[0] },
      message: { platform: 'dingtalk', chat: 'it-ops' },
    });
    expect(titleOf(outcome)).toBe('### ✅ 新员工入职 · E124 已完成');
    expect(outcome.message?.text).toContain('- 申请人：张三\n- 同意人：李四');
  });

  test('is asked for and decided by whom the options say', async () => {
    const { code, stdout } = await approve(
      'onboarding emp_id=E125 role=developer --requester wangwu --approver zhangsan --json',
    );
    expect(code).toBe(0);
    expect(parseOutcome(stdout).message?.text).toContain('- 申请人：王五\n- 同意人：张三');
  });

  test('may have an equals sign in a value, which the loop then refuses', async () => {
    const { code, stdout } = await approve('onboarding emp_id=E1=2 role=devops --json');
    expect(code).toBe(1);
    expect(parseOutcome(stdout).message?.text).toContain('“E1=2”不符合要求');
  });

  test.each([
    ['outside its pattern', 'emp_id=124 role=devops', '“emp_id”的值“124”不符合要求'],
    ['that is missing', 'emp_id=E123', '表单里没有填写“role”'],
    ['that is empty', 'emp_id= role=devops', '表单里没有填写“emp_id”'],
  ])('with a value %s runs nothing and ends in a message that says so, exit code 1', async (_what, values, reason) => {
    const { code, stdout, stderr } = await approve(`onboarding ${values} --json`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^refused \{.*\}\n$/);
    const outcome = parseOutcome(stdout);
    expect(outcome).toMatchObject({ parameters: {}, invocation: null });
    expect(stepNames(outcome)).toContain('refused');
    expect(titleOf(outcome)).toBe('### ⛔ 新员工入职 未执行');
    expect(outcome.message?.text).toContain(reason);
  });

  test('by its own requester only is refused, exit code 1', async () => {
    const { code, stdout } = await approve('onboarding emp_id=E126 role=devops --approver zhangsan');
    expect(code).toBe(1);
    expect(stdout).toMatch(/ms {2}refused +code=no_approver$/m);
    expect(stdout).toContain('│ - 原因：有效的同意人数为 0，至少需要 1');
  });

  test('with a value outside the list of the form is refused by DingTalk itself, exit code 1', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E123 role=shine');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('error: DingTalk refused: formConverterError 表单数据校验失败，失败控件：role\n');
  });
});

describe('--platform lark', () => {
  test('is followed to the card in the chat of Lark, exit code 0', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E140 role=devops --platform lark');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^lark\.\S+: zhangsan asks, lisi presses agree\n/);
    expect(stdout).toMatch(
      /\n\n╭─ it-ops\n│ ### ✅ 新员工入职 · E140 已完成\n(│.*\n)+╰─ changed .+ since it was posted\n$/,
    );
  });

  test('is one object with --json, and the choices of a form are those that people see', async () => {
    const line = lineOf('resource-request owner=E141 server=共享服务器 expires=2026-12-31 --platform lark --json');
    const { code, stdout, stderr } = await run([...line, 'size=小（1 GB）']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(parseOutcome(stdout)).toMatchObject({
      workflow: 'resource-request',
      parameters: { owner: 'E141', server: 'shared', size: '1G' },
      invocation: { status: 'Success', exit_code: 0 },
      message: { platform: 'lark', chat: 'it-ops' },
    });
  });

  test('with --result refuse ends at once: nothing runs, nobody is told, exit code 0', async () => {
    const { code, stdout } = await approve('onboarding emp_id=E142 role=devops --platform lark --result refuse --json');
    expect(code).toBe(0);
    expect(parseOutcome(stdout)).toMatchObject({ parameters: {}, invocation: null, message: null, steps: [] });
  });

  test('with a value outside its pattern runs nothing and ends in a card that says so, exit code 1', async () => {
    const { code, stdout } = await approve('onboarding emp_id=143 role=devops --platform lark --json');
    expect(code).toBe(1);
    const outcome = parseOutcome(stdout);
    expect(titleOf(outcome)).toBe('### ⛔ 新员工入职 未执行');
    expect(outcome.message?.text).toContain('“emp_id”的值“143”不符合要求');
  });

  test('with a value outside the list of the form is refused by Lark itself, exit code 1', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E144 role=shine --platform lark');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: Lark refused: 1390001 param is invalid: 控件值不合法或者为空。控件=widget_role\n$/);
  });

  test('is one of two, exit code 2', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E145 role=devops --platform wechat');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      "error: option '--platform <platform>' argument 'wechat' is invalid. Allowed choices are dingtalk, lark.\n" +
        '(--help shows what is possible)\n',
    );
  });
});

describe('--result refuse', () => {
  test('ends at once: nothing runs, nobody is told, exit code 0', async () => {
    const { code, stdout, stderr } = await approve('onboarding emp_id=E127 role=devops --result refuse');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^dingtalk\.\S+: zhangsan asks, lisi presses refuse\n\nThe approval was refused, so nothing runs and nobody is told\.\n$/,
    );
  });

  test('with --json is one object without run and message', async () => {
    const { code, stdout } = await approve('onboarding emp_id=E127 role=devops --result refuse --json');
    expect(code).toBe(0);
    expect(parseOutcome(stdout)).toMatchObject({ parameters: {}, invocation: null, message: null, steps: [] });
  });
});

describe('an order that cannot be is named with what is possible, exit code 2', () => {
  test.each([
    [
      'a workflow',
      'shine emp_id=E123',
      'there is no workflow "shine"; workflows.yaml has onboarding, resource-request',
    ],
    [
      'a workflow named like a property',
      'constructor',
      'there is no workflow "constructor"; workflows.yaml has onboarding, resource-request',
    ],
    ['a parameter', 'onboarding shine=1', '"shine=1" is no parameter of onboarding; its form has emp_id=… role=…'],
    [
      'a parameter named like a property',
      'onboarding constructor=1',
      '"constructor=1" is no parameter of onboarding; its form has emp_id=… role=…',
    ],
    [
      'a word without a value',
      'onboarding emp_id',
      '"emp_id" is no parameter of onboarding; its form has emp_id=… role=…',
    ],
    [
      'a requester',
      'onboarding --requester shine',
      'there is no "shine" in the embedded company; its people are zhangsan, lisi, wangwu',
    ],
    [
      'an approver',
      'onboarding --approver shine',
      'there is no "shine" in the embedded company; its people are zhangsan, lisi, wangwu',
    ],
  ])('%s', async (_what, line, message) => {
    expect(await approve(line)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });

  test('a folder where no cloud runs, with the command that starts one', async () => {
    const state = join(folder, 'none');
    const { code, stdout, stderr } = await run(['local', 'approve', 'onboarding', 'emp_id=E123', '--state', state]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `error: no embedded cloud runs on ${state}; start one with "npm start -- --state ${state}" and leave it running\n`,
    );
  });
});

test('three at once are three requests, each with its own steps and message', async () => {
  const orders = ['E131', 'E132', 'E133'].map((id) => approve(`onboarding emp_id=${id} role=devops --json`));
  const outcomes = (await Promise.all(orders)).map(({ stdout }) => parseOutcome(stdout));
  expect(outcomes.map(titleOf)).toEqual(['E131', 'E132', 'E133'].map((id) => `### ✅ 新员工入职 · ${id} 已完成`));
  for (const { steps } of outcomes) expect(steps.filter(({ name }) => name === 'closed')).toHaveLength(1);
});

describe('an approval that does not come to its end', () => {
  beforeAll(() => setAgent(false));

  test('is left to the cloud by Ctrl-C, exit code 130', async () => {
    const running = start(lineOf('onboarding emp_id=E141 role=devops'));
    await running.printed(/accepted/);
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 130, stdout: expect.stringContaining('No final message') });
  });

  test('ends with exit code 1 when the cloud stops, and says what becomes of it', async () => {
    const running = start(lineOf('onboarding emp_id=E142 role=devops'));
    await running.printed(/accepted/);
    expect(await cloud.stop()).toMatchObject({ code: 0 });
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /error: the embedded cloud stopped before dingtalk\.\S+ was closed; its next start goes on with it\n$/,
    );
  });
});
