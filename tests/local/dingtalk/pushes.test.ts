import { signCallback } from '../../../local/dingtalk/callback-crypto.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { startDingtalk } from './start-dingtalk.ts';
import { type Subscribed, startSubscribed, TOKEN, until } from './subscribe-receiver.ts';

let running: Subscribed;
beforeEach(async () => {
  running = await startSubscribed(createSystemClock({ speed: 500, origin: Date.now() }));
});
afterEach(() => running.close());

test('an approval is told twice: when it starts and when it is finished', async () => {
  const { service, receiver } = running;
  const id = await service.createInstance();
  await receiver.received(1);
  await service.decide(id, 'u2', 'agree');
  await receiver.received(2);
  const { businessId } = await service.detail(id);
  const common = {
    EventType: 'bpms_instance_change',
    EventTime: expect.any(Number),
    CorpId: 'dingcorp',
    BizId: expect.any(String),
    eventId: expect.any(String),
    processInstanceId: id,
    processCode: 'PROC-ONBOARDING',
    businessId,
    bizCategoryId: '',
    businessType: '',
    title: '张三提交的入职',
    staffId: 'u1',
    createTime: expect.any(Number),
    url: expect.stringContaining(id),
  };
  expect(receiver.events).toEqual([
    { ...common, type: 'start' },
    { ...common, type: 'finish', result: 'agree', finishTime: expect.any(Number) },
  ]);
  expect(receiver.events[0]?.eventId).not.toBe(receiver.events[1]?.eventId);
});

test('a withdrawn instance is told as terminate, without a result', async () => {
  const { service, receiver } = running;
  const processInstanceId = await service.createInstance();
  const body = { processInstanceId, isSystem: true };
  await until(async () => {
    const { status } = await service.newApi('POST', '/v1.0/workflow/processInstances/terminate', body);
    return status === 200 || undefined;
  });
  await receiver.received(2);
  expect(receiver.events[1]).toMatchObject({ type: 'terminate', staffId: 'u1' });
  expect(receiver.events[1]).not.toHaveProperty('result');
});

test('task changes come only to those who subscribed to them', async () => {
  const { service, receiver, subscription } = running;
  service.dingtalk.setEventSubscription({ ...subscription, events: ['bpms_task_change'] });
  const id = await service.createInstance();
  await receiver.received(1);
  await service.decide(id, 'u2', 'refuse', '不行');
  await receiver.received(2);
  expect(receiver.events).toMatchObject([
    { EventType: 'bpms_task_change', type: 'start', staffId: 'u2', taskId: expect.any(Number) },
    { EventType: 'bpms_task_change', type: 'finish', result: 'refuse', remark: '不行', staffId: 'u2' },
  ]);
});

test('the request carries both signatures, a 13-digit time and nothing but the encrypted body', async () => {
  const { service, receiver } = running;
  await service.createInstance();
  await receiver.received(1);
  const [request] = receiver.requests;
  const query = Object.fromEntries(request?.query ?? []);
  const { encrypt, ...rest } = JSON.parse(String(request?.body));
  expect(rest).toEqual({});
  expect(request?.headers['content-type']).toBe('application/json');
  expect(query).toMatchObject({ app: '1', timestamp: expect.stringMatching(/^\d{13}$/) });
  const { timestamp = '', nonce = '' } = query;
  expect(query.signature).toBe(signCallback({ token: TOKEN, timestamp, nonce, encrypt }));
  expect(query.msg_signature).toBe(query.signature);
  expect(Buffer.from(encrypt, 'base64').length % 32).toBe(0);
});

describe('faults of the push', () => {
  test('a dropped event never comes and cannot be fetched', async () => {
    const { service, receiver, logged } = running;
    service.faults.add({ service: 'dingtalk', operation: 'push', fault: { kind: 'drop' } });
    const id = await service.createInstance();
    await service.decide(id, 'u2', 'agree');
    await receiver.received(1);
    expect(receiver.events).toMatchObject([{ type: 'finish' }]);
    expect(logged('callback dropped')).toHaveLength(1);
  });

  test('a doubled event comes twice with the same id', async () => {
    const { service, receiver } = running;
    service.faults.add({ service: 'dingtalk', operation: 'push', fault: { kind: 'double' } });
    await service.createInstance();
    await receiver.received(2);
    expect(receiver.events[1]).toEqual(receiver.events[0]);
  });

  test('an event whose answer is lost is sent again, with the same id', async () => {
    const { service, receiver } = running;
    service.faults.add({ service: 'dingtalk', operation: 'push', fault: { kind: 'lose_answer' } });
    await service.createInstance();
    await receiver.received(2);
    expect(receiver.events[1]).toEqual(receiver.events[0]);
  });

  test('a delayed event comes after later ones', async () => {
    const { service, receiver } = running;
    service.faults.add({ service: 'dingtalk', operation: 'push', fault: { kind: 'delay', ms: 60_000 } });
    const id = await service.createInstance();
    await service.decide(id, 'u2', 'agree');
    await receiver.received(2);
    expect(receiver.events).toMatchObject([{ type: 'finish' }, { type: 'start' }]);
  });
});

test('without a subscription nothing is kept for later', async () => {
  const quiet = await startDingtalk();
  await expect(quiet.dingtalk.verifyEventSubscription()).rejects.toThrow('there is no event subscription yet');
  await quiet.createInstance();
  quiet.advance(200_000);
  const path = `/call_back/get_call_back_failed_result?access_token=${await quiet.token()}`;
  expect(await quiet.call('GET', path)).toMatchObject({ body: { failed_list: [] } });
  await quiet.close();
});
