import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudDescriptionSchema } from '../../../local/cloud/cloud-description.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import { type Approval, form, type Loop, startLoop } from '../../loop/start-loop.ts';
import { killAll, type Running, run, start } from '../command-line.ts';

jest.setTimeout(120_000);

/** Another embedded cloud plays the platforms of the world; nothing runs in it. */
let world: Loop;
let folder: string;
/** What somebody with an app in each of them has in the environment. */
let environment: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'with-real-'));
  world = await startLoop({ speed: 1, eventWays: ['connection'] });
  const { variables, endpoints } = world.cloud;
  const isOfPlatform = ([name]: [string, string]) =>
    /^(DINGTALK|LARK)_/.test(name) && !/CALLBACK|VERIFICATION|ENCRYPT/.test(name);
  environment = {
    ...Object.fromEntries(Object.entries(variables).filter(isOfPlatform)),
    DINGTALK_API_ENDPOINT: endpoints.dingtalk,
    DINGTALK_OAPI_ENDPOINT: endpoints.dingtalk,
    LARK_ENDPOINT: endpoints.lark,
  };
});
afterAll(async () => {
  await killAll();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const up = (state: string, ...more: string[]) => [
  'local',
  'up',
  '--port',
  '0',
  '--state',
  join(folder, state),
  ...more,
];

describe('with both real platforms', () => {
  let cloud: Running;
  beforeAll(async () => {
    cloud = start(up('both', '--with', 'dingtalk', 'lark'), { env: environment });
    await cloud.printed(/Ctrl-C stops everything/);
  });

  const submit: Record<PlatformName, () => Promise<Approval>> = {
    dingtalk: () => world.submit(form('E950')),
    lark: () => world.submitInLark({ emp_id: 'E951', role: 'devops' }),
  };

  test.each([
    ['dingtalk', 'e950'],
    ['lark', 'e951'],
  ] as const)(
    'an approval in %s runs on the embedded instance, and the real group gets the message',
    async (platform, user) => {
      const approval = await submit[platform]();
      await approval.decide();
      const closed = await cloud.printed(new RegExp(`closed +${approval.requestId}\n`));
      for (const step of ['event verified', 'marker durable', 'accepted', 'planned', 'message delivered'])
        expect(closed).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d  ${step} +${approval.requestId}$`, 'm'));
      const running = await readFile(join(folder, 'both', 'running.json'), 'utf8');
      const { instances } = cloudDescriptionSchema.parse(JSON.parse(running));
      const { shown, facts } = await world.traces(approval.requestId);
      expect(shown).toMatchObject([{ platform, title: expect.stringMatching(/^✅ 新员工入职 · E95\d 已完成$/) }]);
      expect(shown[0]?.text).toContain(`由 ${instances[0]} 报告：user = ${user}，`);
      expect(facts).toEqual([]);
    },
  );

  test('says what to do, shows no endpoint of theirs, and no secret', async () => {
    const printed = await cloud.printed(/Ctrl-C stops everything/);
    expect(printed).toMatch(/^DingTalk {10}the company's own +connected$/m);
    expect(printed).toMatch(/^Lark {14}the company's own +connected$/m);
    expect(printed).toContain('Submit 新员工入职 or 服务器资源申请 in DingTalk or Lark on a phone;');
    for (const name of ['DINGTALK_APP_SECRET', 'DINGTALK_ROBOT_ACCESS_TOKEN', 'LARK_APP_SECRET'])
      expect(printed).not.toContain(environment[name]);
  });

  test('leaves no secret of theirs in its folder', async () => {
    const secrets = ['DINGTALK_APP_SECRET', 'DINGTALK_ROBOT_SECRET', 'LARK_APP_SECRET'].map(
      (name) => environment[name],
    );
    const patterns = secrets.flatMap((secret) => ['-e', secret ?? '']);
    const found = await run(['-rlFI', ...patterns, join(folder, 'both')], { program: ['grep'] });
    expect(found).toEqual({ code: 1, stdout: '', stderr: '' });
  });

  test('nobody of the embedded company can submit there', async () => {
    const line = ['local', 'approve', 'onboarding', 'emp_id=E952', 'role=devops', '--state', join(folder, 'both')];
    expect(await run(line)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: DingTalk is the real one here: submit the approval on a phone\n',
    });
  });

  test('Ctrl-C ends it, the connector too', async () => {
    cloud.interrupt();
    expect((await cloud.ended).code).toBe(0);
    expect([world.cloud.dingtalk.streamConnections(), world.cloud.lark.longConnections()]).toEqual([[], []]);
  });
});

describe('with one real platform', () => {
  test('the other one stays embedded', async () => {
    const cloud = start(up('one', '--with', 'lark'), { env: environment });
    const printed = await cloud.printed(/Ctrl-C stops everything/);
    expect(printed).toMatch(/^DingTalk {10}http:.* people zhangsan, lisi, wangwu$/m);
    expect(printed).toMatch(/^Lark {14}the company's own +connected$/m);
    const line = ['local', 'approve', 'onboarding', 'emp_id=E953', 'role=devops', '--state', join(folder, 'one')];
    expect(await run(line)).toMatchObject({ code: 0, stdout: expect.stringContaining('✅ 新员工入职 · E953 已完成') });
    expect(world.cloud.dingtalk.messages().filter(({ text }) => text.includes('E953'))).toEqual([]);
    cloud.interrupt();
    expect((await cloud.ended).code).toBe(0);
  });
});

describe('a start that cannot be', () => {
  test.each<[string, string[], Record<string, string>, number, RegExp]>([
    [
      'without anything of DingTalk: all of it, and where each is found',
      ['--with', 'dingtalk'],
      {},
      2,
      /^error: the environment lacks what dingtalk needs:\n( {2}DINGTALK_\w+ +\S.*\n){7}docs\/first-try\.md#dingtalk\n$/m,
    ],
    [
      'without anything of Lark, and an empty value is none',
      ['--with', 'lark'],
      { LARK_APP_ID: '', LARK_APP_SECRET: 'not-set' },
      2,
      /^error: the environment lacks what lark needs:\n( {2}LARK_\w+ +\S.*\n){5}docs\/first-try\.md#lark\n$/m,
    ],
    [
      'another speed',
      ['--with', 'lark', '--speed', '2'],
      {},
      2,
      /^error: a real platform has the time of the world: leave --speed out$/m,
    ],
    ['a platform that is none', ['--with', 'wecom'], {}, 2, /Allowed choices are dingtalk, lark/],
  ])('%s', async (_, more, env, code, said) => {
    const ended = await run(up('wrong', ...more), { env });
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(said);
  });

  test.each<[PlatformName, Record<string, string>, RegExp]>([
    [
      'dingtalk',
      { DINGTALK_APP_SECRET: 'wrong 密钥' },
      /^error: dingtalk gives no connection: .*HTTP 401, authFailed/m,
    ],
    ['lark', { LARK_APP_SECRET: 'wrong 密钥' }, /^error: lark gives no connection: .*/m],
    ['lark', { LARK_APP_ID: 'cli_x' }, /^error: the connector ended: .*LARK_APP_ID must be cli_ and 16 hex digits$/m],
  ])('%s with wrong credentials %j is told by its reason', async (platform, changes, said) => {
    const ended = await run(up('wrong', '--with', platform), { env: { ...environment, ...changes } });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(said);
    expect(ended.stderr).not.toContain('wrong 密钥');
  });
});
