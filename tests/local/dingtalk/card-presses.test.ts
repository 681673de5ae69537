import { type AppReceiver, hmac, json, startAppReceiver } from './app-receiver.ts';
import { type Running, START, startDingtalk } from './start-dingtalk.ts';

let service: Running;
let app: AppReceiver;
beforeEach(async () => {
  [service, app] = await Promise.all([startDingtalk(), startAppReceiver()]);
});
afterEach(() => Promise.all([service.close(), app.close()]));

const VALUES = { title: '等待批准', status: 'WAITING' };
const register = (fields: object = {}) =>
  service.newApi('POST', '/v1.0/card/callbacks/register', {
    callbackRouteKey: 'route',
    callbackUrl: app.url,
    apiSecret: 'card-secret',
    ...fields,
  });
const create = (fields: object = {}) =>
  service.newApi('POST', '/v1.0/card/instances/createAndDeliver', {
    cardTemplateId: 'progress.schema',
    outTrackId: 'request-1',
    callbackType: 'HTTP',
    callbackRouteKey: 'route',
    cardData: { cardParamMap: VALUES },
    openSpaceId: 'dtv1.card//IM_GROUP.cidOPS==',
    imGroupOpenSpaceModel: { supportForward: false },
    imGroupOpenDeliverModel: { robotCode: 'dingapp' },
    ...fields,
  });
const press = () => service.dingtalk.pressCard('request-1', 'u2', 'retry', { request: '申请 🙂' });
const values = () => service.dingtalk.messages()[0]?.card?.values;

describe('a press', () => {
  beforeEach(async () => {
    await register();
    await create();
  });

  test('reaches the address of the card’s route key, signed, with the button and its parameters', async () => {
    expect(await press()).toEqual({ accepted: true });
    const [request] = app.requests;
    expect(app.bodies()).toEqual([
      {
        type: 'actionCallback',
        outTrackId: 'request-1',
        corpId: 'dingcorp',
        userId: 'u2',
        content: JSON.stringify({ cardPrivateData: { actionIds: ['retry'], params: { request: '申请 🙂' } } }),
      },
    ]);
    expect(request).toMatchObject({
      method: 'POST',
      rawPath: '/app',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-ddpaas-signature-timestamp': String(START),
        'x-ddpaas-signature': hmac('card-secret', String(START)),
      },
    });
    expect(values()).toEqual(VALUES);
  });

  test('shows what the answer says, in place of all that was there', async () => {
    app.replies.push(json({ cardData: { cardParamMap: { title: '已重试' } } }));
    expect(await press()).toEqual({ accepted: true });
    expect(values()).toEqual({ title: '已重试' });
    expect(service.dingtalk.messages()[0]?.card?.history.at(-1)).toMatchObject({ by: 'callback' });
  });

  test('changes single values where the answer says by key, and what the presser alone sees', async () => {
    app.replies.push(
      json({
        cardData: { cardParamMap: { status: 'RETRYING' } },
        userPrivateData: { cardParamMap: { pressed: 'true' } },
        cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
      }),
    );
    await press();
    expect(service.dingtalk.messages()).toMatchObject([
      { card: { values: { title: '等待批准', status: 'RETRYING' }, privateValues: { u2: { pressed: 'true' } } } },
    ]);
  });

  test.each([
    ['another status', json({ cardData: { cardParamMap: { title: 'x' } } }, 500), 'HTTP status 500 instead of 200'],
    ['no JSON', () => ({ status: 200, body: '<html>' }), 'the answer is not JSON'],
    ['a number', json({ cardData: { cardParamMap: { n: 1 } } }), 'values that a card cannot show'],
    [
      'too long a value',
      json({ cardData: { cardParamMap: { n: 'x'.repeat(1025) } } }),
      'values that a card cannot show',
    ],
  ])('answered with %s changes nothing, and the presser sees it fail', async (_name, reply, reason) => {
    app.replies.push(reply);
    expect(await press()).toEqual({ accepted: false, reason: expect.stringContaining(reason) });
    expect(values()).toEqual(VALUES);
  });

  test('waits two seconds for its answer', async () => {
    app.replies.push(async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_300));
      return { status: 200, body: JSON.stringify({ cardData: { cardParamMap: { title: '太晚' } } }) };
    });
    expect(await press()).toMatchObject({ accepted: false, reason: expect.stringContaining('2000 ms') });
    expect(values()).toEqual(VALUES);
  });

  test('answered with nothing is fine', async () => {
    app.replies.push(() => ({ status: 200, body: '' }));
    expect(await press()).toEqual({ accepted: true });
  });

  test('counts in the pot of webhooks and pushes', async () => {
    const { apiCalls } = service.dingtalk.quotaUsed();
    await press();
    expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls, webhookAndStream: 1 });
  });

  test.each([
    ['drop', { kind: 'drop' }, 0, { accepted: false }],
    ['double', { kind: 'double' }, 2, { accepted: true }],
    ['delay', { kind: 'delay', ms: 5_000 }, 1, { accepted: true }],
    ['lose_answer', { kind: 'lose_answer' }, 1, { accepted: false }],
  ] as const)('meets the fault %s', async (_name, fault, received, outcome) => {
    service.faults.add({ service: 'dingtalk', operation: 'cardCallback', fault });
    expect(await press()).toMatchObject(outcome);
    expect(app.requests).toHaveLength(received);
  });
});

test.each([
  ['a card nobody made', 'other', 'u1', 'there is no card other'],
  ['a person nobody knows', 'request-1', 'x', 'there is no user x'],
  ['a card in a chat with somebody else', 'request-1', 'u2', 'u2 does not see the card request-1'],
])('nobody can press %s', async (_name, outTrackId, userId, message) => {
  await create({
    openSpaceId: 'dtv1.card//IM_ROBOT.u1',
    imRobotOpenSpaceModel: { supportForward: false },
    imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
  });
  await expect(service.dingtalk.pressCard(outTrackId, userId, 'retry', {})).rejects.toThrow(message);
});

test.each([
  ['names no route key', { callbackRouteKey: undefined }],
  ['names a route key nobody registered', { callbackRouteKey: 'other' }],
  ['wants Stream mode', { callbackType: 'STREAM' }],
])('a press of a card that %s fails', async (_name, fields) => {
  await register();
  await create(fields);
  expect(await press()).toMatchObject({ accepted: false });
  expect(app.requests).toEqual([]);
});

test.each<[string, { response: unknown } | { reason: string }, object, object]>([
  [
    'whose client answers',
    { response: { cardData: { cardParamMap: { status: '好 🙂' } } } },
    { accepted: true },
    { status: '好 🙂' },
  ],
  ['whose client answers with nothing', { response: {} }, { accepted: true }, VALUES],
  ['without a client', { reason: 'nobody is there' }, { accepted: false, reason: 'nobody is there' }, VALUES],
])('a press of a card of Stream mode %s', async (_name, answer, outcome, shown) => {
  await service.close();
  const calls: unknown[] = [];
  const stream = {
    call: async (...call: unknown[]) => {
      calls.push(call);
      return answer;
    },
  };
  service = await startDingtalk({ stream });
  await create({ callbackType: 'STREAM', callbackRouteKey: undefined });
  expect(await press()).toEqual(outcome);
  expect(values()).toEqual(shown);
  const content = JSON.stringify({ cardPrivateData: { actionIds: ['retry'], params: { request: '申请 🙂' } } });
  const body = { type: 'actionCallback', outTrackId: 'request-1', corpId: 'dingcorp', userId: 'u2', content };
  expect(calls).toEqual([['/v1.0/card/instances/callback', body, 2_000]]);
  expect(app.requests).toEqual([]);
});

describe('a callback address', () => {
  test('is registered with its secret, and replaced only by force', async () => {
    expect(await register()).toEqual({
      status: 200,
      body: { success: true, result: { callbackUrl: app.url, apiSecret: 'card-secret' } },
    });
    expect(await register()).toMatchObject({ status: 500, body: { code: 'param.callbackRouteKeyExist' } });
    expect(await register({ forceUpdate: true, apiSecret: undefined })).toMatchObject({ status: 200 });
    await create();
    await press();
    expect(app.requests[0]?.headers).not.toHaveProperty('x-ddpaas-signature');
  });

  test.each([
    ['no key', { callbackRouteKey: '' }, 'param.callbackRouteKeyEmpty'],
    ['no address', { callbackUrl: undefined }, 'param.callbackUrlEmpty'],
    ['an address that is none', { callbackUrl: 'x.example' }, 'param.invalid'],
  ])('with %s is refused', async (_name, fields, code) => {
    expect(await register(fields)).toMatchObject({ status: 400, body: { code } });
  });
});
