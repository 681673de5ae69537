import type { HttpResponse } from '../../../local/http/server.ts';
import { CHAT_ID, dataOf } from './start-lark.ts';
import { bad, type Reply, type Subscribed, startSubscribed, TOKEN } from './subscribe-receiver.ts';

let running: Subscribed;
let message: string;
beforeEach(async () => {
  running = await startSubscribed();
  const { service, subscription } = running;
  service.lark.setEventSubscription({ ...subscription, cardCallbacks: true });
  const content = JSON.stringify({ elements: [{ tag: 'markdown', content: '?' }] });
  const card = { receive_id: CHAT_ID, msg_type: 'interactive', content };
  const { body } = await service.api('POST', 'im/v1/messages?receive_id_type=chat_id', card);
  message = String(dataOf(body).message_id);
});
afterEach(() => running.close());

const press = () => running.service.lark.press(message, 'u2', { value: { op: '重试 🙂' } });
const answer =
  (body: object): Reply =>
  () => ({ status: 200, body: JSON.stringify(body) });

test('a press tells who pressed what and where, in the new envelope', async () => {
  running.receiver.replies = [answer({ toast: { type: 'success', content: '好 🙂' } })];
  expect(await press()).toEqual({ code: 0, toast: { type: 'success', content: '好 🙂' } });
  expect(running.receiver.events).toEqual([
    {
      schema: '2.0',
      header: {
        event_id: expect.any(String),
        token: TOKEN,
        create_time: '1767323045678',
        event_type: 'card.action.trigger',
        tenant_key: '736588c9260f175e',
        app_id: 'cli_9f427eec54ae901b',
      },
      event: {
        operator: {
          tenant_key: '736588c9260f175e',
          user_id: 'u2',
          open_id: 'ou_2',
          union_id: expect.stringMatching(/^on_/),
        },
        token: expect.stringMatching(/^c-[0-9a-f]{32}$/),
        action: { tag: 'button', value: { op: '重试 🙂' } },
        host: 'im_message',
        context: { open_message_id: message, open_chat_id: CHAT_ID },
      },
    },
  ]);
  expect(running.receiver.requests[0]?.headers['x-lark-signature']).toMatch(/^[0-9a-f]{64}$/);
});

test('an answer may replace the card', async () => {
  const data = { elements: [{ tag: 'markdown', content: '!' }] };
  running.receiver.replies = [answer({ card: { type: 'raw', data } })];
  expect(await press()).toEqual({ code: 0 });
  expect(running.service.lark.messages()).toMatchObject([{ content: JSON.stringify(data), updates: 1 }]);
});

test.each([
  ['{}', answer({}), 0],
  ['HTTP 500', bad, 200671],
  ['a late one', () => new Promise<HttpResponse>(() => {}), 200341],
  ['text', () => ({ status: 200, body: 'ok' }), 200672],
  ['a toast of another kind', answer({ toast: { type: 'loud', content: 'x' } }), 200672],
] as [string, Reply, number][])(
  'after the answer %s people see a code, and nothing is sent again',
  async (_name, reply, code) => {
    running.receiver.replies = [reply];
    expect(await press()).toEqual({ code });
    expect(running.receiver.requests).toHaveLength(1);
  },
);

test('without an address for callbacks people see 200340', async () => {
  running.service.lark.setEventSubscription(running.subscription);
  expect(await press()).toEqual({ code: 200340 });
  expect(running.receiver.requests).toEqual([]);
});
