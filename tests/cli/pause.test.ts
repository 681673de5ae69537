import { openApprovalDesk } from '../../cli/approval/dingtalk-approval.ts';
import { main } from '../../cli/main.ts';
import { listPauses, putPause } from '../../shared/journal/pauses.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { askWhy } from './ask-why.ts';
import { ioOf, type OpsCloud, openOpsCloud, runHere } from './ops-cloud.ts';

jest.setTimeout(120_000);

let ops: OpsCloud;
beforeAll(async () => {
  ops = await openOpsCloud();
});
afterAll(() => ops.close());
afterEach(async () => {
  for (const name of [[], ['onboarding'], ['resource-request']]) await ops.loop('resume', ...name);
});

const FORM = { 'DDSelectField-ROLE': 'devops' };
const TIME = /2\d{3}-\d\d-\d\dT[\d:.]+Z/;

/** An approval that 李四 agrees to; resolves with its request once that is planned. */
async function approve(employee: string): Promise<string> {
  const { endpoints, dingtalk } = ops.local.description;
  const desk = await openApprovalDesk({ url: endpoints.dingtalk, ...dingtalk });
  const processCode = dingtalk.process_codes['onboarding'] ?? '';
  const values = { ...FORM, 'TextField-EMPID': employee };
  const requestId = `dingtalk.${await desk.submit({ processCode, requester: 'zhangsan', values })}`;
  const planned = ops.logged('waiting for a resume', { request_id: requestId });
  await desk.decide(requestId.replace('dingtalk.', ''), 'lisi', 'agree');
  await planned;
  return requestId;
}

const wake = (name: string) =>
  ops.invokeFunction(`approval-loop-dev-${name}`, { triggerTime: new Date().toISOString(), triggerName: 'test' });

const titles = () => ops.local.cloud.dingtalk.messages().map(({ title }) => title);

test('a pause holds up an approval, says so everywhere, and after the resume it runs', async () => {
  const paused = await ops.loop('pause', 'onboarding', '--reason', '机房断电 🙂', '--by', '李四');
  expect(paused).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^onboarding is paused since 2\S+Z by 李四: 机房断电 🙂\n$/),
    stderr: '',
  });
  const requestId = await approve('E701');

  const [pause = '', head = '', row = ''] = (await ops.loop('requests', 'list')).stdout.split('\n');
  expect(`${pause}\n`).toBe(paused.stdout);
  expect(head).toMatch(/^REQUEST/);
  expect(row).toMatch(new RegExp(`^${requestId} .* planned +resume +operator$`));

  const { stdout } = await ops.loop('requests', 'show', requestId);
  expect(stdout).toContain('; next: resume by operator');
  expect(stdout).toMatch(/^ {2}waits for "resume": onboarding is paused since \S+ by 李四: 机房断电 🙂$/m);
  expect(JSON.parse((await ops.loop('requests', 'show', requestId, '--json')).stdout)).toMatchObject({
    pause: { workflow: 'onboarding', since: expect.stringMatching(TIME), kind: 'person', by: '李四' },
  });

  const why = await askWhy(ops, requestId);
  expect(why).toMatchObject({ code: 'paused', todo: 'It goes on by itself after "resume onboarding".' });
  expect(why.what).toMatch(/^No run starts: 李四 has paused them since \S+ \(机房断电 🙂\)\.$/);
  expect(why.hops.map(({ what }) => what)).toContain('waits for a resume');
  expect((await ops.loop('why', requestId, '--lang', 'zh-CN')).stdout).toMatch(
    /原因: 执行已暂停：李四 自 \S+ 起暂停（机房断电 🙂）。\n怎么办: 运行 "resume onboarding" 之后会自动继续。/,
  );
  const told = ops.logged('progress told', { request_id: requestId });
  await wake('notify');
  await told;
  expect(titles()).toEqual(['⏸️ 新员工入职 · E701 已暂停']);

  const ended = ops.logged('closed', { request_id: requestId });
  expect((await ops.loop('resume', 'onboarding')).stdout).toBe('onboarding is resumed\n');
  await wake('dispatch');
  await ended;
  expect(titles()).toEqual(['⏸️ 新员工入职 · E701 已暂停', '✅ 新员工入职 · E701 已完成']);
  const { facts } = await ops.journal.read(requestId);
  expect([facts.map(({ type }) => type).slice(0, 3), endOf(facts)]).toEqual([
    ['accepted', 'planned', 'dispatched'],
    'Success',
  ]);
});

test('a workflow that paused by itself says at how many runs', async () => {
  await putPause(ops.work, { workflow: 'onboarding', pause: { kind: 'limit', at: Date.now(), per_hour: 20 } });
  const requestId = await approve('E702');
  expect((await ops.loop('requests', 'list')).stdout).toMatch(
    /^onboarding is paused since \S+ by itself: it had 20 runs within an hour, as many as limits\.per_hour allows\n/,
  );
  const why = await askWhy(ops, requestId);
  expect(why).toMatchObject({ code: 'paused_by_limit' });
  expect(why.what).toMatch(/^No run of onboarding starts since \S+: it had 20 runs within an hour/);
  expect((await ops.loop('why', requestId, '--lang', 'zh-CN')).stdout).toMatch(
    /原因: onboarding 自 \S+ 起已自动暂停：一小时内执行了 20 次/,
  );
  const ended = ops.logged('closed', { request_id: requestId });
  await ops.loop('resume', 'onboarding');
  await wake('dispatch');
  await ended;
});

test('a pause that stands stays, and each is lifted under its own name', async () => {
  await ops.loop('pause', '--reason', 'the zone is down', '--by', 'ops');
  const again = await ops.loop('pause', '--reason', 'another reason', '--by', 'somebody');
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/^nothing changed: everything is paused since \S+ by ops: the zone is down\n$/);
  await ops.loop('pause', 'resource-request', '--reason', 'the script is wrong', '--by', 'ops');
  const resumed = await ops.loop('resume');
  expect(resumed.stdout).toMatch(
    /^everything is resumed\nstill: resource-request is paused since \S+ by ops: the script is wrong\n$/,
  );
  expect((await ops.loop('resume')).stdout).toMatch(/^nothing changed: everything was not paused under this name\n/);
});

test('a program reads one object', async () => {
  const read = async (...args: string[]) => JSON.parse((await ops.loop(...args, '--json')).stdout);
  const pause = {
    workflow: 'onboarding',
    since: expect.stringMatching(TIME),
    kind: 'person',
    by: 'ops',
    reason: 'why',
  };
  const line = ['pause', 'onboarding', '--reason', 'why', '--by', 'ops'];
  expect(await read(...line)).toEqual({ changed: true, ...pause });
  expect(await read(...line)).toEqual({ changed: false, ...pause });
  expect(await read('requests', 'list')).toEqual({ requests: [], pauses: [pause] });
  expect(await read('resume')).toEqual({ changed: false, workflow: null, still_paused: [pause] });
  expect(await read('resume', 'onboarding')).toEqual({ changed: true, workflow: 'onboarding', still_paused: [] });
});

test.each([
  ['no reason', ['pause'], "required option '--reason <text>' not specified"],
  ['a reason that says nothing', ['pause', '--reason', ' \u200b '], '--reason is empty; say why, for those who wait'],
  [
    'a workflow that is not there',
    ['pause', 'onbording', '--reason', 'x'],
    'workflows.yaml has no workflow "onbording"; onboarding is most like it',
  ],
  ['one that is like none', ['resume', 'x'], 'workflows.yaml has no workflow "x"; it has onboarding, resource-request'],
])('%s is refused with what to do instead, exit code 2', async (_what, args, message) => {
  const { code, stdout, stderr } = await ops.loop(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('a real environment is reached with the key of this shell', async () => {
  const { account_id, access_key_id, access_key_secret, endpoints } = ops.local.description;
  const env = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: access_key_id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: access_key_secret,
    ALIYUN_ACCOUNT_ID: account_id,
    OSS_ENDPOINT: endpoints.oss,
  };
  const onCloud = async (...args: string[]) => {
    const lines: Parameters<typeof ioOf>[0] = [];
    const code = await main([...args, '--env', 'dev'], { ...ioOf(lines), env });
    return { code, lines: lines.map(([, line]) => line) };
  };
  expect(await onCloud('pause', '--reason', 'the zone is down', '--by', 'ops')).toEqual({
    code: 0,
    lines: [expect.stringMatching(/^everything is paused since \S+ by ops: the zone is down$/)],
  });
  expect(await listPauses(ops.work)).toMatchObject([{ workflow: null, pause: { by: 'ops' } }]);
  expect(await onCloud('resume')).toEqual({ code: 0, lines: ['everything is resumed'] });
  expect(await listPauses(ops.work)).toEqual([]);
});

test('a real environment needs the key of this shell', async () => {
  const { code, stderr } = await runHere(['pause', '--reason', 'x', '--env', 'prod']);
  expect(code).toBe(2);
  expect(stderr).toContain('ALIBABA_CLOUD_ACCESS_KEY_ID is not set');
});
