import { type GroupMessage, groupMessages } from '../../../local/cloud/group-messages.ts';
import { openIdOf } from '../../../local/cloud/lark-organisation.ts';
import type { ChatMessage } from '../../../local/dingtalk/chat-message.ts';
import type { Message } from '../../../local/lark/messages.ts';

const APP = { app_id: 'cli_0123456789abcdef', app_secret: '', verification_token: '', encrypt_key: '', tenant_key: '' };
const robotMessage: ChatMessage = {
  id: 'm1',
  kind: 'customRobot',
  chat: 'it-ops',
  robot: 'r',
  time: 1000,
  msgtype: 'markdown',
  title: '✅ done',
  text: '### ✅ done\n\n- all',
  buttons: [],
  at: { mobiles: [], userIds: [], everybody: false },
  msgUuid: 'key-1',
};
const card = (elements: object[]) =>
  JSON.stringify({ schema: '2.0', header: { title: { tag: 'plain_text', content: '✅ done' } }, body: { elements } });
const larkMessage: Message = {
  message_id: 'om_1',
  chat: 'it-ops',
  chat_id: 'oc_1',
  sender: 'app',
  msg_type: 'interactive',
  content: card([{ tag: 'markdown', content: '- all' }]),
  create_time: 500,
  update_time: 900,
  updates: 2,
  deleted: false,
  uuid: 'key-2',
};

/** What is shown of these messages. */
function shown(dingtalk: ChatMessage[], lark: Message[]): GroupMessage[] {
  const none = { account_id: '', access_key_id: '', access_key_secret: '', instance_ids: [], secrets: {} };
  const app = { corp_id: '', app_key: '', app_secret: '', callback_token: '', callback_aes_key: '' };
  return groupMessages({
    dingtalk: { messages: () => dingtalk },
    lark: { messages: () => lark },
    state: { ...none, dingtalk: app, lark: APP },
  });
}

test('messages of both platforms are in the order in which they were posted, each with its platform', () => {
  expect(shown([robotMessage], [larkMessage])).toEqual([
    {
      platform: 'lark',
      chat: 'it-ops',
      title: '✅ done',
      text: '### ✅ done\n\n- all',
      lives: true,
      updates: 2,
      key: 'key-2',
      time: 500,
    },
    {
      platform: 'dingtalk',
      chat: 'it-ops',
      title: '✅ done',
      text: '### ✅ done\n\n- all',
      lives: false,
      updates: 0,
      key: 'key-1',
      time: 1000,
    },
  ]);
});

test('people whom a card calls stand there by name, strangers by id', () => {
  const calls = `<at id=${openIdOf(APP, 'zhangsan')}></at> <at id=ou_stranger></at>`;
  const content = card([{ tag: 'markdown', content: '- all' }, { tag: 'hr' }, { tag: 'markdown', content: calls }]);
  expect(shown([], [{ ...larkMessage, content }])[0]?.text).toBe('### ✅ done\n\n- all\n\n@张三 @ou_stranger');
});

test('what is no card is shown as its text, or as it is written', () => {
  const text = { ...larkMessage, msg_type: 'text', content: '{"text":"hello"}' };
  const other = { ...larkMessage, content: '{"type":"template"}' };
  expect(shown([], [text, other]).map((message) => [message.title, message.text])).toEqual([
    ['', 'hello'],
    ['', '{"type":"template"}'],
  ]);
});

test('a recalled message is not shown', () => {
  expect(shown([], [{ ...larkMessage, deleted: true }])).toEqual([]);
});

test('a card of DingTalk is shown with its title first and how often it has changed', () => {
  const { msgUuid: _, ...rest } = robotMessage;
  const values = { title: '✅ done', tone: 'success', run: '- ran', reason: '', request: '- asked' };
  const card = { outTrackId: 'key-3', cardTemplateId: 't', values, privateValues: {}, updates: 3, history: [] };
  const message: ChatMessage = { ...rest, msgtype: 'card', text: 'success\n- ran\n- asked', outTrackId: 'key-3', card };
  expect(shown([message], [])).toMatchObject([{ text: '### ✅ done\n\n- asked\n- ran', updates: 3, key: 'key-3' }]);
  const foreign = { ...message, text: 'hello', card: { ...card, values: { greeting: 'hello' } } };
  expect(shown([foreign], [])).toMatchObject([{ text: '### ✅ done\n\nhello' }]);
});
