import { randomBytes } from 'node:crypto';
import { type HttpRequest, type RunningServer, serve } from '../../local/http/server.ts';
import { callHttp } from '../../shared/http/call.ts';
import type { OutgoingMessage } from '../../shared/message/outgoing-message.ts';
import { createDingtalkMessenger } from '../../shared/platforms/dingtalk/create-messenger.ts';
import { openCardCallback } from '../../shared/platforms/dingtalk/open-card-callback.ts';
import { ORGANISATION, type Running, START, startDingtalk } from '../local/dingtalk/start-dingtalk.ts';
import { run } from './command-line.ts';

jest.setTimeout(120_000);

const SECRET = 'card-secret';
let dingtalk: Running;
let ingest: RunningServer;
let presses: HttpRequest[];
beforeEach(async () => {
  presses = [];
  dingtalk = await startDingtalk();
  ingest = await serve(async (request) => {
    presses.push(request);
    return { status: 200, body: '{}' };
  });
});
afterEach(async () => {
  await ingest.close();
  await dingtalk.close();
});

const register = (args: readonly string[], env: Record<string, string> = {}) =>
  run(['callback', 'register', ...args], {
    env: {
      DINGTALK_APP_KEY: ORGANISATION.app.appKey,
      DINGTALK_APP_SECRET: ORGANISATION.app.appSecret,
      DINGTALK_API_ENDPOINT: dingtalk.origin,
      DINGTALK_CARD_ROUTE: '路线-1',
      DINGTALK_CARD_SECRET: SECRET,
      ...env,
    },
  });

const MESSAGE: OutgoingMessage = {
  title: '▶️ 入职 · E123 执行中',
  blocks: [{ name: 'reference', text: '- 编号：dingtalk.a' }],
  tone: 'running',
  buttons: [{ what: 'stop', label: '停止 🙂', requestId: 'dingtalk.a' }],
  mention: [],
  idempotencyKey: 'key-1',
};

/** Posts the card as notify does. */
async function postCard(variables: Record<string, string> = {}): Promise<string> {
  const clock = { now: () => START, sleep: async () => undefined };
  const { corpId, app } = ORGANISATION;
  const messenger = createDingtalkMessenger(
    {
      DINGTALK_CORP_ID: corpId,
      DINGTALK_APP_KEY: app.appKey,
      DINGTALK_APP_SECRET: app.appSecret,
      DINGTALK_API_ENDPOINT: dingtalk.origin,
      DINGTALK_OAPI_ENDPOINT: dingtalk.origin,
      ...variables,
    },
    { 'it-ops': { dingtalk: { group: { conversation: 'cidOPS==', card_template: 'progress.schema' } } } },
    { http: callHttp, clock, randomBytes },
  );
  return (await messenger.channel('it-ops')?.post(MESSAGE)) ?? '';
}

const press = (card: string) => dingtalk.dingtalk.pressCard(card, 'u2', 'stop', { request_id: 'dingtalk.a' });

test('presses on cards of that route come to the address, signed with the secret', async () => {
  expect(await register(['--url', ingest.origin])).toEqual({
    code: 0,
    stdout: `presses on cards of the route 路线-1 go to ${ingest.origin}\n`,
    stderr: '',
  });
  const card = await postCard({ DINGTALK_CARD_ROUTE: '路线-1' });
  expect(dingtalk.dingtalk.messages()[0]?.card?.values).toMatchObject({
    stop_label: '停止 🙂',
    retry_label: '',
    output_label: '',
    request_id: 'dingtalk.a',
  });
  expect(await press(card)).toEqual({ accepted: true });
  const [{ method, headers, body }] = presses as [HttpRequest];
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const config = { secret: SECRET, corpId: ORGANISATION.corpId };
  const opened = openCardCallback({ method, query: {}, headers: texts, body }, config, { clock: { now: () => START } });
  expect(opened).toMatchObject({
    kind: 'press',
    press: { what: 'stop', requestId: 'dingtalk.a', operator: 'u2', messageId: card },
  });
});

test('a second time the address takes the place of the first', async () => {
  await register(['--url', 'http://127.0.0.1:9/']);
  const { code, stdout } = await register(['--url', ingest.origin, '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([0, { route: '路线-1', url: ingest.origin }]);
  expect(await press(await postCard({ DINGTALK_CARD_ROUTE: '路线-1' }))).toEqual({ accepted: true });
});

test('without a route presses are for whoever is connected in Stream mode', async () => {
  const topic = '/v1.0/card/instances/callback';
  const reason = `no client is connected in Stream mode that subscribed to ${topic}`;
  expect(await press(await postCard())).toEqual({ accepted: false, reason });
});

test.each<[string, string[], Record<string, string>, string]>([
  ['no address', ['--url', 'ingest'], {}, '--url "ingest" is no address; it begins with https://'],
  ['no secret', ['--url', 'https://a.example'], { DINGTALK_CARD_SECRET: '' }, 'DINGTALK_CARD_SECRET is not set'],
])('%s is named, and nothing is registered', async (_, args, env, message) => {
  const { code, stderr } = await register(args, env);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('what DingTalk refuses is told without the secret', async () => {
  const { code, stderr } = await register(['--url', ingest.origin], { DINGTALK_APP_SECRET: 'wrong-secret' });
  expect(code).not.toBe(0);
  expect(stderr).toContain('invalidClientIdOrSecret');
  expect(stderr).not.toContain('wrong-secret');
});
