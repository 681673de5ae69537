import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, killAll, run, start } from './command-line.ts';
import { type Outcome, parseBothOutcomes, parseOutcome, stepNames, titleOf } from './outcome.ts';

afterEach(killAll);

const ARRIVED = ['callback verified', 'marker durable', 'form read'];
const RAN = ['planned', 'command invoked', 'script output', 'completion event', 'completed'];
const TOLD = ['message delivered', 'closed'];
const WHOLE_WAY = [...ARRIVED, 'accepted', 'event published', 'rule matched', ...RAN, ...TOLD];
const E123 = { emp_id: 'E123', role: 'devops' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
/** Everything that a demo makes goes to a folder of the test's own. */
const demo = (...args: string[]) => run(['demo', ...args], { env: { TMPDIR: folder } });

describe('demo --json', () => {
  interface Expected {
    parameters: object;
    invocation: object | null;
    title: string | undefined;
    steps: string[];
    text: RegExp[];
  }
  const ended = (status: string, exitCode: number) => expect.objectContaining({ status, exit_code: exitCode });
  const SCENARIOS: [string, Expected][] = [
    [
      'success',
      {
        parameters: E123,
        invocation: ended('Success', 0),
        title: '### ✅ 新员工入职 · E123 已完成',
        steps: WHOLE_WAY,
        text: [/退出码 0，/, /user = e123，uid = \d+，groups = developers,devops，changed = true/],
      },
    ],
    [
      'failure',
      {
        parameters: E123,
        invocation: ended('Failed', 3),
        title: '### ❌ 新员工入职 · E123 执行失败',
        steps: WHOLE_WAY,
        text: [/退出码 3，/, /code = not_ours/, /changed = false/],
      },
    ],
    [
      'timeout',
      {
        parameters: E123,
        invocation: ended('Timeout', 1),
        title: '### ❌ 新员工入职 · E123 执行超时',
        steps: WHOLE_WAY,
        text: [/用时 5 分钟( \d 秒)?[\n，]/],
      },
    ],
    [
      'refused',
      {
        parameters: {},
        invocation: null,
        title: '### ⛔ 新员工入职 未执行',
        steps: [...ARRIVED, 'refused', 'event published', 'rule matched', ...TOLD],
        text: [/“emp_id”的值“E123; rm -rf \/”不符合要求/],
      },
    ],
    [
      'duplicate',
      {
        parameters: E123,
        invocation: ended('Success', 0),
        title: '### ✅ 新员工入职 · E123 已完成',
        steps: WHOLE_WAY,
        text: [/退出码 0，/],
      },
    ],
    ['forged', { parameters: {}, invocation: null, title: undefined, steps: [], text: [] }],
  ];

  const outcomes = new Map<string, Record<'dingtalk' | 'lark', Outcome>>();
  const PLATFORMS = ['dingtalk', 'lark'] as const;
  const outcomeOf = (name: string, platform: (typeof PLATFORMS)[number]) =>
    outcomes.get(name)?.[platform] ?? { message: null, steps: [], duration_ms: 0 };

  test.each(SCENARIOS)(
    '%s is one object a platform on stdout, nothing on stderr, exit code 0',
    async (name, expected) => {
      const { code, stdout, stderr } = await demo('--scenario', name, '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const both = parseBothOutcomes(stdout);
      outcomes.set(name, both);
      for (const outcome of [both.dingtalk, both.lark]) {
        expect(outcome).toMatchObject({ workflow: 'onboarding', parameters: expected.parameters });
        expect(outcome.invocation).toEqual(expected.invocation);
        expect(titleOf(outcome)).toBe(expected.title);
        expect(stepNames(outcome).sort()).toEqual([...expected.steps].sort());
        for (const text of expected.text) expect(outcome.message?.text).toMatch(text);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('--platform lark is one object, of Lark', async () => {
    const { code, stdout } = await demo('--scenario', 'forged', '--platform', 'lark', '--json');
    expect(code).toBe(0);
    expect(parseOutcome(stdout)).toMatchObject({ request_id: 'lark.forged-1', message: null });
  });

  test('of a request in Lark says how often its card has changed, in DingTalk no message does', () => {
    expect(outcomeOf('success', 'lark').message?.updates).toBeGreaterThan(0);
    expect(outcomeOf('success', 'dingtalk').message?.updates).toBeUndefined();
  });

  test.each(PLATFORMS)('of a request in %s says its times in the order of its steps', (platform) => {
    const { steps, duration_ms } = outcomeOf('success', platform);
    const at = (name: string) => steps.find((step) => step.name === name)?.at_ms ?? Number.NaN;
    const order = [...ARRIVED, 'accepted', ...RAN, ...TOLD].map(at);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(at('closed')).toBeLessThanOrEqual(duration_ms);
    expect(duration_ms).toBeLessThan(20_000);
  });

  test.each(PLATFORMS)(
    'of a duplicate in %s has every effect once, though the callback came three times',
    (platform) => {
      const { steps } = outcomeOf('duplicate', platform);
      const times = (name: string) => steps.filter((step) => step.name === name).length;
      expect(times('callback verified')).toBe(3);
      expect(['accepted', 'planned', 'command invoked', 'completed', 'message delivered'].map(times)).toEqual([
        1, 1, 1, 1, 1,
      ]);
    },
  );
});

describe('demo for people', () => {
  let success: Ended;
  beforeAll(async () => {
    success = await run(['demo'], { env: { TERM: 'xterm-256color', TMPDIR: folder } });
  });

  test.each(WHOLE_WAY)('success shows the step "%s" with its time', (name) => {
    expect(success).toMatchObject({ code: 0, stderr: '' });
    expect(success.stdout).toMatch(new RegExp(`^ *\\d+ ms {2}${name}(?: {2}|$)`, 'm'));
  });

  test.each([
    ['what is shown', /^success: An approved request is carried out on the instance\.$/m],
    ['who decides', /^dingtalk\.\S+: zhangsan asks, lisi presses agree$/m],
    ['who decides in Lark', /^lark\.\S+: zhangsan asks, lisi presses agree$/m],
    ['the platforms one after the other', /^DingTalk\n.*^Lark\n/ms],
    ['the rule', /rule matched .*rule=approval-loop-dev-request/],
    ['the run', /command invoked {5}invoke_id=t-\w+$/m],
    ['the end of the run', /completion event .*instance_id=i-\w+ {2}status=Success$/m],
    ['the message as its people see it', /^╭─ it-ops\n│ ### ✅ 新员工入职 · E123 已完成\n(│.*\n)+╰─$/m],
    [
      'the card of Lark as its people see it',
      /^╭─ it-ops\n│ ### ✅ 新员工入职 · E123 已完成\n(│.*\n)+│ @张三\n╰─ changed (once|\d times) since it was posted$/m,
    ],
    ['that it ran once', /^✓ the command ran exactly once$/m],
    ['that they were told once', /^✓ the group got exactly one message$/m],
    ['where to go from here', /npm start.*\n.*npm run demo -- --scenario refused.*\n.*docs\/architecture\.md/],
  ])('success shows %s', (_what, pattern) => {
    expect(success.stdout).toMatch(pattern);
  });

  test('has no colour when stdout is no terminal, whatever the terminal is', () => {
    expect(success.stdout).not.toContain('\u001b');
  });

  test.each([
    ['forged', /^the forged callback was answered with HTTP 403$/m, /^✓ nobody got a message$/m],
    ['refused', /^ *\d+ ms {2}refused .*code=value_not_allowed$/m, /^✓ nothing ran on the instance$/m],
    ['failure', /status=Failed$/m, /^✓ Cloud Assistant says Failed, exit code 3$/m],
  ])('%s shows what happened and what did not', async (name, happened, proven) => {
    const { code, stdout } = await demo('--scenario', name);
    expect(code).toBe(0);
    expect(stdout).toMatch(happened);
    expect(stdout).toMatch(proven);
    expect(stdout).not.toMatch(/✗/);
  });
});

describe('demo --from group', () => {
  test('somebody writes to the robot, and the answer stands under what was written', async () => {
    const { code, stdout, stderr } = await demo('--from', 'group');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^it-ops {2}张三: @approval-loop 入职 工号=E123 角色=devops$/m);
    expect(stdout).toMatch(/^it-ops {2}approval-loop: 已提交审批“新员工入职”，编号 [\w-]+。/m);
    expect(stdout).toContain('╭─ it-ops in answer to “@approval-loop 入职 工号=E123 角色=devops”\n│ ### ✅ 新员工入职');
    expect(stdout).toContain('✓ the group got exactly one message');
  });

  test('--json tells what was answered', async () => {
    const { code, stdout } = await demo('--from', 'group', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      workflow: 'onboarding',
      parameters: E123,
      message: { platform: 'lark', chat: 'it-ops', answers: '@approval-loop 入职 工号=E123 角色=devops' },
    });
  });

  test.each([
    [['--platform', 'dingtalk'], 'onboarding can be asked for in no group of DingTalk'],
    [['--workflow', 'resource-request'], 'resource-request can be asked for in no group'],
  ])('%j: nobody can ask there, exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await demo('--from', 'group', ...args);
    expect({ code, stdout: stdout.includes('embedded cloud') }).toEqual({ code: 2, stdout: false });
    expect(stderr).toContain(`error: ${message}: it needs words, and chats`);
  });
});

test('an unknown scenario is named with those there are, exit code 2', async () => {
  const { code, stdout, stderr } = await demo('--scenario', 'shine');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    "error: option '--scenario <name>' argument 'shine' is invalid. Allowed choices are success, failure, timeout, " +
      'refused, duplicate, forged.\n(--help shows what is possible)\n',
  );
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a demo with 130, and nothing of it is left', async (name) => {
  const running = start(['demo', '--scenario', 'timeout'], { env: { TMPDIR: folder } });
  await running.printed(/script output/);
  if (name === 'SIGINT') running.interrupt();
  else running.signal(name);
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(stdout).not.toMatch(/[✓✗]/);
  expect(readdirSync(folder)).toEqual([]);
});
