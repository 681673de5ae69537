import { createHmac } from 'node:crypto';
import { CHAT_ID, type Json, ORGANISATION, type Running, START, startLark } from './start-lark.ts';

const customBots = [
  { chat_id: CHAT_ID, token: 'signed', secret: 'hook-secret' },
  { chat_id: CHAT_ID, token: 'words', keywords: ['监控', 'done'] },
  { chat_id: CHAT_ID, token: 'open' },
];

let service: Running;
beforeEach(async () => {
  service = await startLark({ organisation: { ...ORGANISATION, customBots } });
});
afterEach(() => service.close());

const SECONDS = Math.floor(START / 1000);
const text = (content: string) => ({ msg_type: 'text', content: { text: content } });
const post = (token: string, body: Json | string) => service.call('POST', `bot/v2/hook/${token}`, body);
const signed = (seconds: number, secret = 'hook-secret') => {
  const sign = createHmac('sha256', `${seconds}\n${secret}`).digest('base64');
  return { ...text('好 🙂'), timestamp: String(seconds), sign };
};

test('the signature is the one of a public sample', async () => {
  const bots = [{ chat_id: CHAT_ID, token: 't', secret: 'xxx' }];
  const clock = { now: () => 1_661_860_880_000, sleep: async () => {} };
  const other = await startLark({ clock, organisation: { ...ORGANISATION, customBots: bots } });
  const sign = 'QnWVTSBe6FmQDE0bG6X0mURbI+DnvVyu1h+j5dHOjrU=';
  const body = { ...text('x'), timestamp: '1661860880', sign };
  expect(await other.call('POST', 'bot/v2/hook/t', body)).toMatchObject({ body: { code: 0 } });
  await other.close();
});

test.each([
  ['the right signature', signed(SECONDS), 0],
  ['one that is almost an hour old', signed(SECONDS - 3_599), 0],
  ['one that is older', signed(SECONDS - 3_600), 19021],
  ['one of the future', signed(SECONDS + 3_601), 19021],
  ['one made in milliseconds', signed(START), 19021],
  ['one of another secret', signed(SECONDS, 'other'), 19021],
  ['none', text('x'), 19021],
])('with %s the answer is HTTP 200', async (_name, body, code) => {
  const answer = await post('signed', body);
  expect(answer).toMatchObject({ status: 200, body: { code } });
  expect(service.lark.messages()).toHaveLength(code === 0 ? 1 : 0);
});

test('a success has the old fields too, an error has not', async () => {
  expect((await post('open', text('x'))).body).toEqual({
    StatusCode: 0,
    StatusMessage: 'success',
    code: 0,
    data: {},
    msg: 'success',
  });
  expect((await post('nobody', text('x'))).body).toEqual({
    code: 19001,
    msg: 'param invalid: incoming webhook access token invalid',
    error: { log_id: expect.any(String) },
  });
});

const CARD = { elements: [{ tag: 'markdown', content: '**好**' }] };
const POST = { post: { zh_cn: { title: '标题', content: [[{ tag: 'text', text: 'x' }]] } } };

test.each([
  ['words', text('监控 报警'), 0],
  ['words', { msg_type: 'interactive', card: { ...CARD, header: { title: 'done' } } }, 0],
  ['words', text('something else'), 19024],
  ['open', { msg_type: 'post', content: POST }, 0],
  ['open', { msg_type: 'interactive', card: CARD }, 0],
  ['open', { msg_type: 'text' }, 19002],
  ['open', { content: { text: 'x' } }, 19002],
  ['open', { msg_type: 'file', content: { text: 'x' } }, 19002],
  ['open', { msg_type: 'interactive', card: JSON.stringify(CARD) }, 9499],
  ['open', '{', 9499],
])('to the bot %s the body %j gets code %i', async (token, body, code) => {
  expect(await post(token, body)).toMatchObject({ status: 200, body: { code } });
});

test('a message is shown in the group under a name that is not the token', async () => {
  await post('open', text('中文 🙂'));
  expect(service.lark.messages()).toMatchObject([
    { chat: 'it-ops', chat_id: CHAT_ID, msg_type: 'text', content: '{"text":"中文 🙂"}' },
  ]);
  expect(JSON.stringify(service.lark.messages())).not.toContain('"open"');
});

test('a body may have 20 KB, counted in bytes', async () => {
  const most = Math.floor((20 * 1024 - Buffer.byteLength(JSON.stringify(text('')))) / 3);
  expect(await post('open', text('好'.repeat(most)))).toMatchObject({ body: { code: 0 } });
  expect(await post('open', text('好'.repeat(most + 1)))).toMatchObject({ status: 200, body: { code: 19036 } });
});

test('all bots of a group share its five messages a second', async () => {
  for (let count = 0; count < 5; count += 1) expect((await post('open', text('x'))).body.code).toBe(0);
  expect(await post('words', text('done'))).toMatchObject({ status: 200, body: { code: 11232 } });
  expect(service.lark.messages()).toHaveLength(5);
});

test('five messages a second and a hundred a minute are shown', async () => {
  for (let count = 0; count < 5; count += 1) expect((await post('open', text('x'))).body.code).toBe(0);
  expect(await post('open', text('6'))).toMatchObject({ status: 200, body: { code: 11232 } });
  service.advance(1_000);
  for (let count = 5; count < 100; count += 1) {
    service.advance(500);
    expect((await post('open', text('x'))).body.code).toBe(0);
  }
  service.advance(1_000);
  expect(await post('open', text('101'))).toMatchObject({ body: { code: 11232 } });
  service.advance(60_000);
  expect(await post('open', text('102'))).toMatchObject({ body: { code: 0 } });
});
