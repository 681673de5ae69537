import { randomBytes } from 'node:crypto';
import { PermanentError, TransientError } from '../../../../shared/errors.ts';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import type { OutgoingMessage } from '../../../../shared/message/outgoing-message.ts';
import { createLarkMessenger } from '../../../../shared/platforms/lark/create-messenger.ts';
import type { Channel, Messenger } from '../../../../shared/platforms/platform.ts';
import type { Workflows } from '../../../../shared/workflows/schema.ts';
import { CHAT_ID, type Json, ORGANISATION, type Running, START, startLark } from '../../../local/lark/start-lark.ts';

const CHATS = {
  'it-ops': { lark: { chat_id: CHAT_ID } },
  hook: { lark: { bot: { token: 'hook-token', secret: 'hook-secret' } } },
  'wrong-secret': { lark: { bot: { token: 'hook-token', secret: 'another' } } },
  'wrong-token': { lark: { bot: { token: 'nobody', secret: 'hook-secret' } } },
  'without-bot': { lark: { chat_id: 'oc_ffffffffffffffffffffffffffffffff' } },
  'dingtalk-only': { dingtalk: { robot: { access_token: 't', secret: 's' } } },
};
const MESSAGE: OutgoingMessage = {
  title: '✅ 入职 · E123 已完成',
  blocks: [
    { name: 'reason', text: '' },
    { name: 'request', text: '- 申请人：张三 🙂' },
    { name: 'reference', text: '- 编号：lark.A' },
  ],
  tone: 'success',
  mention: ['ou_1'],
  idempotencyKey: 'key-1',
};

let lark: Running;
let calls: HttpCall[];
beforeEach(async () => {
  lark = await startLark();
  calls = [];
});
afterEach(() => lark.close());

function messenger(variables: Record<string, string> = {}, chats: Workflows['chats'] = CHATS): Messenger {
  const http = (call: HttpCall) => {
    calls.push(call);
    return callHttp(call);
  };
  const app = { LARK_APP_ID: ORGANISATION.app.app_id, LARK_APP_SECRET: 'app-secret', LARK_ENDPOINT: lark.origin };
  const clock = { now: () => START, sleep: async () => undefined };
  return createLarkMessenger({ ...app, ...variables }, chats, { http, clock, randomBytes });
}

function channelTo(chat: string): Channel {
  const channel = messenger().channel(chat);
  if (!channel) throw new Error(`there is no way to ${chat}`);
  return channel;
}

const cards = () => lark.lark.messages().map(({ content }): Json => JSON.parse(content));

test('a card has the title in plain text, the state by its colour, the blocks and who is called in markdown', async () => {
  await channelTo('it-ops').post(MESSAGE);
  expect(cards()).toEqual([
    {
      schema: '2.0',
      config: { update_multi: true, summary: { content: '✅ 入职 · E123 已完成' } },
      header: { title: { tag: 'plain_text', content: '✅ 入职 · E123 已完成' }, template: 'green' },
      body: {
        elements: [
          { tag: 'markdown', content: '- 申请人：张三 🙂\n- 编号：lark.A' },
          { tag: 'markdown', content: '<at id=ou_1></at>' },
        ],
      },
    },
  ]);
});

test.each([
  ['running', 'blue'],
  ['warning', 'orange'],
  ['failure', 'red'],
  ['neutral', 'grey'],
] as const)('a message that is %s is %s', async (tone, template) => {
  await channelTo('it-ops').post({ ...MESSAGE, tone });
  expect(cards()).toMatchObject([{ header: { template } }]);
});

test('a card changes in its place', async () => {
  const channel = channelTo('it-ops');
  const id = await channel.post({ ...MESSAGE, title: '▶️ 执行中', tone: 'running' });
  await channel.update?.(id, MESSAGE);
  expect(lark.lark.messages()).toMatchObject([{ message_id: id, chat: 'it-ops', updates: 1 }]);
  expect(cards()).toMatchObject([{ header: { title: { content: '✅ 入职 · E123 已完成' } } }]);
});

test('a card that is sent again under its key is the same one', async () => {
  const channel = channelTo('it-ops');
  lark.faults.add({ service: 'lark', operation: 'messages/create', fault: { kind: 'lose_answer' } });
  await expect(channel.post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
  const id = await channel.post(MESSAGE);
  expect(lark.lark.messages().map(({ message_id }) => message_id)).toEqual([id]);
});

test('a custom bot sends the same card with its signature, and cannot change it', async () => {
  const channel = channelTo('hook');
  expect(await channel.post(MESSAGE)).toBe('');
  expect(channel.update).toBeUndefined();
  expect(lark.lark.messages()).toMatchObject([{ chat: 'it-ops', msg_type: 'interactive' }]);
  expect(cards()).toMatchObject([{ header: { template: 'green' } }]);
  expect(calls.filter(({ headers }) => headers?.['authorization'])).toEqual([]);
});

test.each([
  ['wrong-secret', 'lark.19021'],
  ['wrong-token', 'lark.19001'],
  ['without-bot', 'lark.230002'],
])('a message to %s is refused for good: %s', async (chat, code) => {
  const failed = channelTo(chat).post(MESSAGE);
  await expect(failed).rejects.toBeInstanceOf(PermanentError);
  await expect(failed).rejects.toMatchObject({ code });
});

test.each([
  ['messages/create', 'it-ops', { kind: 'error', status: 400, code: '230020' }],
  ['messages/create', 'it-ops', { kind: 'error', status: 400, code: '230049' }],
  ['messages/create', 'it-ops', { kind: 'error', status: 429, code: '99991400' }],
  ['bot/hook', 'hook', { kind: 'answer', status: 200, body: '{"code":11232,"msg":"frequency limited"}' }],
  ['bot/hook', 'hook', { kind: 'answer', status: 200, body: '{"StatusCode":0}' }],
  ['bot/hook', 'hook', { kind: 'answer', status: 502, body: '<html>' }],
] as const)('%s to %s with %j is tried again', async (operation, chat, fault) => {
  lark.faults.add({ service: 'lark', operation, fault });
  await expect(channelTo(chat).post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
  await channelTo(chat).post(MESSAGE);
  expect(lark.lark.messages()).toHaveLength(1);
});

test('a token that is no longer good is fetched anew once', async () => {
  const channel = channelTo('it-ops');
  await channel.post(MESSAGE);
  lark.faults.add({
    service: 'lark',
    operation: 'messages/create',
    fault: { kind: 'error', status: 400, code: '99991663' },
  });
  await channel.post({ ...MESSAGE, idempotencyKey: 'key-2' });
  expect(lark.lark.messages()).toHaveLength(2);
});

test('operators are told in private', async () => {
  await messenger().tell?.(['ou_2', 'ou_3'], MESSAGE);
  expect(lark.lark.messages().map(({ chat }) => chat)).toEqual(['李四', 'Ana 🙂']);
});

describe('a comment on the approval', () => {
  const comment = { text: '入职 · E123 已完成 🎉 [lark.A]', marker: '[lark.A]' };
  const written = async (id: string) => (await lark.detail(id))['comment_list'];

  test('is written once, however often it is asked for', async () => {
    const id = await lark.createInstance();
    await messenger().comment?.(id, 'ou_2', comment);
    await messenger().comment?.(id, 'ou_2', comment);
    expect(await written(id)).toMatchObject([{ comment: comment.text, open_id: 'ou_2' }]);
    expect(await written(id)).toHaveLength(1);
  });

  test('that says something else by now is edited', async () => {
    const id = await lark.createInstance();
    await messenger().comment?.(id, 'ou_2', comment);
    await messenger().comment?.(id, 'ou_2', { ...comment, text: '入职 · E123 执行失败 [lark.A]' });
    expect(await written(id)).toMatchObject([{ comment: '入职 · E123 执行失败 [lark.A]' }]);
  });

  test('of another attempt stands beside it', async () => {
    const id = await lark.createInstance();
    await messenger().comment?.(id, 'ou_2', comment);
    const retry = { text: '入职 · E123 已完成 [lark.A.retry-1]', marker: '[lark.A.retry-1]' };
    await messenger().comment?.(id, 'ou_2', retry);
    expect(await written(id)).toHaveLength(2);
  });

  test('in the name of nobody is refused', async () => {
    const id = await lark.createInstance();
    await expect(messenger().comment?.(id, 'ou_nobody', comment)).rejects.toBeInstanceOf(PermanentError);
  });
});

test('the link opens the approval in the app of its cloud', () => {
  expect(messenger().approvalLink('81D31358-93AF-92D6-7425-01A5D67C4E71')).toBe(
    'https://applink.feishu.cn/client/mini_program/open?appId=cli_9cb844403dbb9108&path=pages%2Fdetail%2Findex%3FinstanceId%3D81D31358-93AF-92D6-7425-01A5D67C4E71',
  );
  expect(messenger({ LARK_DOMAIN: 'lark' }).approvalLink('A')).toContain('https://applink.larksuite.com/');
});

test('without the app’s secret there are custom bots alone, and every other chat refuses what is sent', async () => {
  const closed = messenger({ LARK_APP_SECRET: '' }).channel('it-ops');
  await expect(closed?.post(MESSAGE)).rejects.toMatchObject({
    name: 'PermanentError',
    code: 'lark.no_credentials',
    message: 'chats.it-ops.lark needs LARK_APP_SECRET',
  });
  const { hook, 'dingtalk-only': other } = CHATS;
  const hooks = messenger({ LARK_APP_SECRET: '' }, { hook, 'dingtalk-only': other });
  expect(hooks.channel('hook')).toBeDefined();
  expect(hooks.channel('dingtalk-only')).toBeUndefined();
  expect(hooks.channel('nowhere')).toBeUndefined();
  expect([hooks.tell, hooks.comment]).toEqual([undefined, undefined]);
});
