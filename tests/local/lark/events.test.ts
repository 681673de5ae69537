import { createHash } from 'node:crypto';
import { EventDispatcher } from '@larksuiteoapi/node-sdk';
import type { HttpRequest } from '../../../local/http/server.ts';
import { APPROVAL_CODE, CHAT_ID, type Json, QUIET } from './start-lark.ts';
import { ENCRYPT_KEY, type Subscribed, startSubscribed, TOKEN } from './subscribe-receiver.ts';

let running: Subscribed;
beforeEach(async () => {
  running = await startSubscribed();
});
afterEach(() => running.close());

const approve = (code: string) => running.service.lark.decide(code, { userId: 'u2', approved: true });

test('an approval is told when it begins and when it is approved, in the old envelope', async () => {
  const { service, receiver } = running;
  const code = await service.createInstance({ uuid: 'mine' });
  approve(code);
  await receiver.received(2);
  const event = {
    type: 'approval_instance',
    app_id: 'cli_9f427eec54ae901b',
    tenant_key: '736588c9260f175e',
    approval_code: APPROVAL_CODE,
    instance_code: code,
    operate_time: '1767323045678',
    instance_operate_time: '1767323045678',
    uuid: 'mine',
  };
  const envelope = { ts: '1767323045.678000', uuid: expect.any(String), token: TOKEN, type: 'event_callback' };
  expect(receiver.events).toEqual([
    { ...envelope, event: { ...event, status: 'PENDING' } },
    { ...envelope, event: { ...event, status: 'APPROVED' } },
  ]);
  expect(receiver.events[0]?.uuid).not.toBe(receiver.events[1]?.uuid);
});

test.each([
  ['rejected', (code: string) => running.service.lark.decide(code, { userId: 'u2', approved: false }), 'REJECTED'],
  ['withdrawn', (code: string) => running.service.lark.cancel(code), 'CANCELED'],
  ['deleted with its definition', (code: string) => running.service.lark.deleteInstance(code), 'DELETED'],
])('an instance that is %s is told so', async (_name, act, status) => {
  act(await running.service.createInstance());
  await running.receiver.received(2);
  expect(running.receiver.statuses()).toEqual(['PENDING', status]);
});

test('a revocation is told as REVERTED with a number as time, while the detail says cancelled', async () => {
  const { service, receiver } = running;
  const code = await service.createInstance();
  approve(code);
  service.lark.revert(code);
  await receiver.received(3);
  expect(receiver.statuses()).toEqual(['PENDING', 'APPROVED', 'REVERTED']);
  expect(receiver.events[2]?.event).toMatchObject({
    operate_time: 1767323045678,
    instance_operate_time: '1767323045678',
  });
  expect(await service.detail(code)).toMatchObject({ status: 'CANCELED', reverted: true });
});

test('tasks are told to those who added that event: what waits on beside others is told again', async () => {
  const { service, receiver, subscription } = running;
  service.lark.setEventSubscription({ ...subscription, events: ['approval_task'] });
  const code = await service.createInstance();
  service.lark.cancel(code);
  await receiver.received(2);
  expect(receiver.statuses()).toEqual(['PENDING', 'DONE']);
  expect(receiver.events[0]?.event).toEqual({
    type: 'approval_task',
    app_id: 'cli_9f427eec54ae901b',
    open_id: 'ou_2',
    user_id: 'u2',
    tenant_key: '736588c9260f175e',
    approval_code: APPROVAL_CODE,
    instance_code: code,
    task_id: expect.any(String),
    status: 'PENDING',
    operate_time: '1767323045678',
    custom_key: 'manager',
    def_key: 'node1',
    extra: '',
  });
});

test('a bot that comes into a group is told in the new envelope', async () => {
  const { service, receiver, subscription } = running;
  service.lark.setEventSubscription({ ...subscription, events: ['im.chat.member.bot.added_v1'] });
  service.lark.addBot(CHAT_ID, 'u1');
  await receiver.received(1);
  expect(receiver.events).toEqual([
    {
      schema: '2.0',
      header: {
        event_id: expect.any(String),
        token: TOKEN,
        create_time: '1767323045678',
        event_type: 'im.chat.member.bot.added_v1',
        tenant_key: '736588c9260f175e',
        app_id: 'cli_9f427eec54ae901b',
      },
      event: {
        chat_id: CHAT_ID,
        operator_id: { open_id: 'ou_1', user_id: 'u1', union_id: expect.stringMatching(/^on_/) },
        external: false,
        name: 'it-ops',
      },
    },
  ]);
});

test('the request is signed over its raw bytes and holds nothing but the encrypted text', async () => {
  await running.service.createInstance();
  await running.receiver.received(1);
  const { headers, body, query } = running.receiver.requests[0] as HttpRequest;
  expect(body.toString()).toMatch(/^\{"encrypt":"[A-Za-z0-9+/]+=*"\}$/);
  expect(query.get('app')).toBe('1');
  expect(headers).toMatchObject({
    'content-type': 'application/json;charset=utf-8',
    'user-agent': 'Go-http-client/1.1',
    'x-lark-request-timestamp': '1767323045',
  });
  const signed = `1767323045${headers['x-lark-request-nonce']}${ENCRYPT_KEY}${body}`;
  expect(headers['x-lark-signature']).toBe(createHash('sha256').update(signed).digest('hex'));
});

test('without an encrypt key the body is plain and unsigned', async () => {
  const { service, receiver, subscription } = running;
  service.lark.setEventSubscription({ url: subscription.url, verificationToken: TOKEN });
  await service.createInstance();
  await receiver.received(1);
  const { headers, body } = receiver.requests[0] as HttpRequest;
  expect(JSON.parse(body.toString())).toMatchObject({ token: TOKEN, event: { status: 'PENDING' } });
  expect(Object.keys(headers).filter((name) => name.startsWith('x-lark'))).toEqual([]);
});

test('the official dispatcher accepts the signature and hands the event on, but not a changed one', async () => {
  const { service, receiver } = running;
  await service.createInstance();
  await receiver.received(1);
  const { headers, body } = receiver.requests[0] as HttpRequest;
  const handled: Json[] = [];
  const dispatcher = new EventDispatcher({ encryptKey: ENCRYPT_KEY, logger: QUIET }).register<Handlers>({
    approval_instance: async (event) => void handled.push(event),
  });
  const dispatch = (changed: object) =>
    dispatcher.invoke(
      Object.assign(Object.create({ headers: { ...headers, ...changed } }), JSON.parse(body.toString())),
    );
  await dispatch({});
  expect(handled).toMatchObject([{ approval_code: APPROVAL_CODE, status: 'PENDING' }]);
  await dispatch({ 'x-lark-request-nonce': 'other' });
  expect(handled).toHaveLength(1);
});

type Handlers = Record<string, (event: Json) => Promise<void>>;

describe('a subscription of a definition', () => {
  const path = `approval/v4/approvals/${APPROVAL_CODE}`;

  test('is made once and undone once; twice is 1390007', async () => {
    const { service } = running;
    const post = (verb: string) => service.api('POST', `${path}/${verb}`);
    expect(await post('subscribe')).toMatchObject({
      status: 400,
      body: { code: 1390007, msg: 'subscription existed' },
    });
    expect(await post('unsubscribe')).toMatchObject({ status: 200, body: { code: 0, msg: 'success', data: {} } });
    expect(await post('unsubscribe')).toMatchObject({ status: 400, body: { code: 1390007 } });
    const { client } = service;
    expect(await client.approval.approval.subscribe({ path: { approval_code: APPROVAL_CODE } })).toMatchObject({
      code: 0,
    });
    expect(await service.api('POST', 'approval/v4/approvals/none/subscribe')).toMatchObject({
      body: { code: 1390002 },
    });
  });

  test('is needed for its events', async () => {
    const { service, receiver } = running;
    await service.api('POST', `${path}/unsubscribe`);
    const code = await service.createInstance();
    await service.api('POST', `${path}/subscribe`);
    approve(code);
    await receiver.received(1);
    expect(receiver.statuses()).toEqual(['APPROVED']);
  });
});

describe('order', () => {
  test('an unanswered PENDING holds back what follows on the same instance, and nothing of another', async () => {
    const { service, receiver } = running;
    let refuse = () => {};
    receiver.replies = [
      () =>
        new Promise((resolve) => {
          refuse = () => resolve({ status: 500 });
        }),
    ];
    const first = await service.createInstance();
    await receiver.received(1);
    approve(first);
    const second = await service.createInstance();
    await receiver.received(2);
    refuse();
    await receiver.received(4);
    const told = receiver.events.map(({ event }) => event as Json);
    expect(told.map(({ instance_code, status }) => [instance_code, status])).toEqual([
      [first, 'PENDING'],
      [second, 'PENDING'],
      [first, 'PENDING'],
      [first, 'APPROVED'],
    ]);
  });

  test('a delay by a fault keeps the order of its instance', async () => {
    const { service, receiver } = running;
    service.faults.add({ service: 'lark', operation: 'push', fault: { kind: 'delay', ms: 60_000 } });
    const code = await service.createInstance();
    approve(code);
    await receiver.received(2);
    expect(receiver.statuses()).toEqual(['PENDING', 'APPROVED']);
  });
});

describe('faults of the push', () => {
  test('a dropped event never comes', async () => {
    const { service, receiver, logged } = running;
    service.faults.add({ service: 'lark', operation: 'push', fault: { kind: 'drop' } });
    const code = await service.createInstance();
    approve(code);
    await receiver.received(1);
    expect(receiver.statuses()).toEqual(['APPROVED']);
    expect(logged('event dropped')).toHaveLength(1);
  });

  test('a doubled event comes twice with the same id, sealed anew', async () => {
    const { service, receiver } = running;
    service.faults.add({ service: 'lark', operation: 'push', fault: { kind: 'double' } });
    await service.createInstance();
    await receiver.received(2);
    expect(receiver.events[1]).toEqual(receiver.events[0]);
    expect(receiver.requests[1]?.body.equals(receiver.requests[0]?.body ?? Buffer.alloc(0))).toBe(false);
  });
});
