import { type AppReceiver, hmac, json, startAppReceiver } from './app-receiver.ts';
import { ORGANISATION, type Running, START, startDingtalk } from './start-dingtalk.ts';

let service: Running;
let app: AppReceiver;
beforeEach(async () => {
  [service, app] = await Promise.all([startDingtalk(), startAppReceiver()]);
  service.dingtalk.setBotCallback(app.url, service.origin);
});
afterEach(() => Promise.all([service.close(), app.close()]));

const say = (text = '绑定 🙂') => service.dingtalk.sayToBot('u1', 'cidOPS==', text);
const session = () => new URL(String(app.bodies().at(-1)?.['sessionWebhook'])).search;
const answer = (body: object, query = session()) => service.call('POST', `/robot/sendBySession${query}`, body);
const text = (content: string) => ({ msgtype: 'text', text: { content } });

describe('what a member writes to the robot', () => {
  test('arrives as plain JSON, signed with the secret of the app', async () => {
    expect(await say()).toEqual({ accepted: true });
    expect(app.bodies()).toEqual([
      {
        senderPlatform: 'Mac',
        conversationId: 'cidOPS==',
        atUsers: [{ dingtalkId: expect.stringMatching(/^\$:LWCP_v1:\$/) }],
        chatbotCorpId: 'dingcorp',
        chatbotUserId: expect.stringMatching(/^\$:LWCP_v1:\$/),
        msgId: expect.stringMatching(/^msg/),
        senderNick: '张三',
        isAdmin: false,
        senderStaffId: 'u1',
        senderCorpId: 'dingcorp',
        conversationType: '2',
        senderId: expect.stringMatching(/^\$:LWCP_v1:\$/),
        conversationTitle: '运维群 🛠',
        isInAtList: true,
        text: { content: ' 绑定 🙂' },
        robotCode: 'dingapp',
        msgtype: 'text',
        createAt: START,
        sessionWebhook: expect.stringMatching(/\/robot\/sendBySession\?session=[0-9a-f]{32}$/),
        sessionWebhookExpiredTime: START + 5_400_000,
      },
    ]);
    expect(app.requests).toMatchObject([
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          timestamp: String(START),
          sign: hmac('app-secret', `${START}\napp-secret`),
        },
      },
    ]);
  });

  test.each([
    ['drop', { kind: 'drop' }, 0, { accepted: false }],
    ['double', { kind: 'double' }, 2, { accepted: true }],
    ['delay', { kind: 'delay', ms: 5_000 }, 1, { accepted: true }],
    ['lose_answer', { kind: 'lose_answer' }, 1, { accepted: false }],
  ] as const)('meets the fault %s', async (_name, fault, received, outcome) => {
    service.faults.add({ service: 'dingtalk', operation: 'botMessage', fault });
    expect(await say()).toMatchObject(outcome);
    expect(app.requests).toHaveLength(received);
  });

  test('that arrives twice is the same message', async () => {
    service.faults.add({ service: 'dingtalk', operation: 'botMessage', fault: { kind: 'double' } });
    await say();
    const [first, second] = app.bodies();
    expect(second).toEqual(first);
  });

  test('is sent once, whatever the app answers', async () => {
    app.replies.push(json({}, 503));
    expect(await say()).toEqual({ accepted: false, reason: 'HTTP status 503 instead of 200' });
    expect(app.requests).toHaveLength(1);
  });

  test('counts in the pot of webhooks and pushes, and is lost when that is empty', async () => {
    const quota = { enforced: true, webhookAndStream: 1 };
    const poor = await startDingtalk({ organisation: { ...ORGANISATION, quota } });
    poor.dingtalk.setBotCallback(app.url);
    expect(await poor.dingtalk.sayToBot('u1', 'cidOPS==', '一')).toEqual({ accepted: true });
    expect(await poor.dingtalk.sayToBot('u1', 'cidOPS==', '二')).toMatchObject({ accepted: false });
    expect(poor.dingtalk.quotaUsed()).toEqual({ apiCalls: 0, webhookAndStream: 1 });
    expect(app.bodies()).toMatchObject([{ sessionWebhook: expect.stringMatching(/^https:\/\/oapi\.dingtalk\.com\//) }]);
    await poor.close();
  });

  test.each([
    ['by a stranger', 'x', 'cidOPS==', 'there is no user x'],
    ['in a group nobody knows', 'u1', 'cidX==', 'invalid.openConversationId'],
    ['in a group without the robot', 'u1', 'cidALONE==', 'robotCode.notExsit'],
  ])('cannot be written %s', async (_name, userId, group, message) => {
    await expect(service.dingtalk.sayToBot(userId, group, '在吗')).rejects.toThrow(message);
  });

  test('goes nowhere as long as the app has no address', async () => {
    const mute = await startDingtalk();
    expect(await mute.dingtalk.sayToBot('u1', 'cidOPS==', '在吗')).toMatchObject({ accepted: false });
    expect(() => mute.dingtalk.setBotCallback('x')).toThrow('Invalid URL');
    await mute.close();
  });
});

describe('an app whose robot is in Stream mode', () => {
  const streaming = async (answer: { response: unknown } | { reason: string }) => {
    const calls: unknown[][] = [];
    const stream = {
      call: async (...call: unknown[]) => {
        calls.push(call);
        return answer;
      },
    };
    const running = await startDingtalk({ stream });
    running.dingtalk.setBotStream(running.origin);
    return { running, calls };
  };

  test.each([
    ['answers', { response: {} }, { accepted: true }],
    ['is not there', { reason: 'no answer in time' }, { accepted: false, reason: 'no answer in time' }],
  ])('is sent a message over a connection, once, and its client %s', async (_name, answer, outcome) => {
    const { running, calls } = await streaming(answer);
    expect(await running.dingtalk.sayToBot('u1', 'cidOPS==', '绑定 🙂')).toEqual(outcome);
    const body = { msgId: expect.stringMatching(/^msg/), senderStaffId: 'u1', text: { content: ' 绑定 🙂' } };
    expect(calls).toEqual([['/v1.0/im/bot/messages/get', expect.objectContaining(body), 3_000]]);
    expect(running.dingtalk.quotaUsed()).toEqual({ apiCalls: 0, webhookAndStream: 1 });
    await running.close();
  });

  test('is sent the same message both ways where an address is set too', async () => {
    const { running, calls } = await streaming({ response: {} });
    running.dingtalk.setBotCallback(app.url, running.origin);
    await running.dingtalk.sayToBot('u1', 'cidOPS==', '在吗');
    expect(app.bodies()).toEqual([calls[0]?.[1]]);
    await running.close();
  });
});

describe('the session webhook of a message', () => {
  beforeEach(() => say());

  test('shows an answer in the group, without a token', async () => {
    expect(await answer(text('已绑定 ✅'))).toMatchObject({ status: 200, body: { errcode: 0, errmsg: 'ok' } });
    expect(service.dingtalk.messages()).toMatchObject([
      { kind: 'enterpriseRobot', chat: '运维群 🛠', openConversationId: 'cidOPS==', text: '已绑定 ✅' },
    ]);
    expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls: 0, webhookAndStream: 2 });
  });

  test('dies after an hour and a half', async () => {
    service.advance(5_399_999);
    expect(await answer(text('还行'))).toMatchObject({ body: { errcode: 0 } });
    service.advance(1);
    expect(await answer(text('太晚'))).toMatchObject({
      status: 200,
      body: { errcode: 300001, errmsg: 'session 不存在' },
    });
  });

  test.each([
    ['an unknown session', '?session=x', text('x'), 300001],
    ['no session', '', text('x'), 300001],
    ['an empty text', undefined, text(''), 400202],
    ['a message of no kind', undefined, { msgtype: 'card' }, 400105],
    ['more than 20000 bytes', undefined, text('好'.repeat(6_667)), 460101],
  ])('refuses %s', async (_name, query, body, errcode) => {
    expect(await answer(body, query)).toMatchObject({ status: 200, body: { errcode } });
    expect(service.dingtalk.messages()).toEqual([]);
  });

  test('has the limit of the robot in its group', async () => {
    for (let count = 0; count < 20; count += 1) await answer(text(`${count}`));
    expect(await answer(text('21'))).toMatchObject({ status: 200, body: { errcode: 130101 } });
  });
});
