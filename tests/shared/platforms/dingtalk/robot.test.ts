import { createHmac } from 'node:crypto';
import type { Fault } from '../../../../local/faults.ts';
import { PermanentError, TransientError } from '../../../../shared/errors.ts';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import { type RobotConfig, type RobotMessage, sendRobotMessage } from '../../../../shared/platforms/dingtalk/robot.ts';
import { ORGANISATION, type Running, START, startDingtalk } from '../../../local/dingtalk/start-dingtalk.ts';
import { BROKEN, serveRaw } from '../../http/raw-server.ts';
import { outcomeOf } from './scripted-dingtalk.ts';

const ROBOT: RobotConfig = { accessToken: 'robot+/=&?token', secret: 'SEC-robot' };
const robots = [
  { chat: 'it-ops', ...ROBOT },
  { chat: 'stopped', accessToken: 'stopped', secret: 'SEC', disabled: true },
  { chat: 'gone', accessToken: 'gone', secret: 'SEC', groupGone: true },
  { chat: 'picky', accessToken: 'picky', keywords: ['审批'] },
];

let dingtalk: Running;
let calls: HttpCall[];
beforeEach(async () => {
  dingtalk = await startDingtalk({ organisation: { ...ORGANISATION, robots } });
  calls = [];
});
afterEach(() => dingtalk.close());

const MESSAGE: RobotMessage = { title: '入职 🎉', text: '### E123\n\n完成 ✅', idempotencyKey: 'key-1' };

interface Sending {
  robot?: RobotConfig;
  message?: Partial<RobotMessage>;
  now?: number;
  origin?: string;
  timeoutMs?: number;
}

function send({ robot = ROBOT, message = {}, now = START, timeoutMs = 5_000, ...rest }: Sending = {}): Promise<void> {
  const http = (call: HttpCall) => {
    calls.push(call);
    return callHttp({ ...call, timeoutMs });
  };
  const clock = { now: () => now, sleep: async () => undefined };
  return sendRobotMessage(
    robot,
    { ...MESSAGE, ...message },
    { oapiEndpoint: rest.origin ?? dingtalk.origin, http, clock },
  );
}

const answer = (fault: Fault) => dingtalk.faults.add({ service: 'dingtalk', operation: 'robot/send', fault });
const body = (value: unknown, status = 200): Fault => ({
  kind: 'answer',
  status,
  body: typeof value === 'string' ? value : JSON.stringify(value),
  contentType: 'application/json',
});

test('the group sees title and text as they are', async () => {
  await send();
  expect(dingtalk.dingtalk.messages()).toMatchObject([
    { chat: 'it-ops', msgtype: 'markdown', title: '入职 🎉', text: '### E123\n\n完成 ✅', msgUuid: 'key-1' },
  ]);
});

test('the same message under the same key is shown once, under another key again', async () => {
  await send();
  await send();
  await send({ message: { idempotencyKey: 'key-2' } });
  expect(dingtalk.dingtalk.messages().map(({ msgUuid }) => msgUuid)).toEqual(['key-1', 'key-2']);
});

test('what is sent is signed with the time and the secret, and named by its token', async () => {
  await send({ now: 1_767_323_045_678 });
  const [{ url = '', ...call } = {}] = calls;
  const { searchParams } = new URL(url);
  expect(Object.fromEntries(searchParams)).toEqual({
    access_token: 'robot+/=&?token',
    timestamp: '1767323045678',
    sign: createHmac('sha256', 'SEC-robot').update('1767323045678\nSEC-robot').digest('base64'),
  });
  expect(call).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{"msgtype":"markdown","markdown":{"title":"入职 🎉","text":"### E123\\n\\n完成 ✅"},"msgUuid":"key-1"}',
  });
});

test.each([
  ['half an hour behind', -1_800_000],
  ['half an hour ahead', 1_800_000],
])('a clock %s is near enough', async (_, difference) => {
  await send({ now: START + difference });
  expect(dingtalk.dingtalk.messages()).toHaveLength(1);
});

test.each<[string, Sending, string]>([
  ['an unknown token', { robot: { accessToken: 'nobody', secret: 'SEC' } }, '300001'],
  ['another secret', { robot: { ...ROBOT, secret: 'SEC-other' } }, '310000'],
  ['a clock two hours behind', { now: START - 7_200_000 }, '310000'],
  ['a keyword that is missing', { robot: { accessToken: 'picky', secret: 'SEC' } }, '310000'],
  ['a robot that was stopped', { robot: { accessToken: 'stopped', secret: 'SEC' } }, '400102'],
  ['a group that was disbanded', { robot: { accessToken: 'gone', secret: 'SEC' } }, '400013'],
  ['more than 20,000 bytes', { message: { text: '入'.repeat(7_000) } }, '460101'],
  ['no text', { message: { text: '' } }, '400403'],
])('%s is permanent', async (_, sending, code) => {
  const error = await outcomeOf(send(sending));
  expect(error).toBeInstanceOf(PermanentError);
  expect(error).toMatchObject({
    code: `dingtalk.${code}`,
    message: `DingTalk refused the call: errcode ${code} (HTTP 200)`,
  });
  expect(dingtalk.dingtalk.messages()).toEqual([]);
});

test('the twenty-first message of a minute is throttled, which is transient', async () => {
  for (let sent = 0; sent < 20; sent += 1) await send({ message: { idempotencyKey: `key-${sent}` } });
  const error = await outcomeOf(send({ message: { idempotencyKey: 'one more' } }));
  expect(error).toMatchObject({ name: 'TransientError', code: 'dingtalk.130101' });
  expect(dingtalk.dingtalk.messages()).toHaveLength(20);
});

const errcode = (code: unknown) => body({ errcode: code, errmsg: '出错了 SEC-robot' });

describe('an errcode', () => {
  test.each<[unknown]>([[0], ['0']])('of %j is success', async (code) => {
    answer(errcode(code));
    await expect(send()).resolves.toBeUndefined();
  });

  test.each<[unknown]>([[-1], ['-1'], [130101], ['130101'], [410100], [90002], [90018], [90020], [90030]])(
    'of %j is transient',
    async (code) => {
      answer(errcode(code));
      const error = await outcomeOf(send());
      expect(error).toBeInstanceOf(TransientError);
      expect(error).toMatchObject({ code: `dingtalk.${code}` });
      expect(String(error)).not.toContain('SEC');
    },
  );

  test.each<[unknown]>([
    ...[40035, 43004, 300001, 300005, 310000, '310000', 400013, 400101, 400102, 400105, 400106].map(
      (code): [unknown] => [code],
    ),
    ...[430101, 430102, 430103, 430104, 460101, 999999].map((code): [unknown] => [code]),
  ])('of %j is permanent', async (code) => {
    answer(errcode(code));
    const error = await outcomeOf(send());
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: `dingtalk.${code}` });
    expect(String(error)).not.toContain('SEC');
  });
});

test.each<[string, Fault, string]>([
  ['a ban by address, which has no errcode', body({ status: 1111, wait: 5, source: 'x5', punish: 'deny' }), '1111'],
  ['HTML', body('<html>登录</html>'), 'bad_answer'],
  ['HTML with 502', body('<html>', 502), 'bad_answer'],
  ['nothing', body(''), 'bad_answer'],
  ['half an answer', body('{"errcode":'), 'bad_answer'],
  ['an answer without an errcode', body({ errmsg: 'ok' }), 'bad_answer'],
  ['an errcode that is null', body({ errcode: null }), 'bad_answer'],
  ['an errcode that is true', body({ errcode: true }), 'bad_answer'],
  ['a list', body([{ errcode: 0 }]), 'bad_answer'],
  ['more than a megabyte', body(' '.repeat(1_048_577)), 'answer_too_long'],
  ['no answer in time', { kind: 'hang' }, 'timeout'],
  ['a cut', { kind: 'cut' }, 'unreachable'],
])('%s is transient, and the message is not taken for sent', async (_, fault, code) => {
  answer(fault);
  const timeoutMs = fault.kind === 'hang' ? 60 : 5_000;
  expect(await outcomeOf(send({ timeoutMs }))).toMatchObject({ name: 'TransientError', code: `dingtalk.${code}` });
  expect(dingtalk.dingtalk.messages()).toEqual([]);
});

test('a message whose answer was lost is shown once when it is sent again', async () => {
  answer({ kind: 'lose_answer' });
  expect(await outcomeOf(send())).toMatchObject({ name: 'TransientError', code: 'dingtalk.unreachable' });
  await send();
  expect(dingtalk.dingtalk.messages()).toHaveLength(1);
});

test.each(Object.entries(BROKEN))('%s is transient', async (_, behaviour) => {
  const broken = await serveRaw(behaviour);
  const error = await outcomeOf(send({ origin: broken.origin, timeoutMs: 60 }));
  await broken.close();
  expect(error).toBeInstanceOf(TransientError);
  expect(String(error)).not.toMatch(/token|SEC/);
});
