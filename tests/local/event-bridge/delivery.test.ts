import {
  CreateEventBusRequest,
  CreateEventSourceRequest,
  CreateRuleRequest,
  DisableRuleRequest,
  EnableRuleRequest,
  QueryEventByEventIdRequest,
  QueryEventTracesRequest,
} from '@alicloud/eventbridge';
import { type Fault, SERVICES } from '../../../local/faults.ts';
import type { Clock } from '../../../shared/clock.ts';
import {
  ACCOUNT_ID,
  cloudEvent,
  functionTarget,
  type Started,
  startEventBridge,
  stopAll,
} from './start-event-bridge.ts';

afterEach(stopAll);

interface Setup {
  options?: Parameters<typeof startEventBridge>[0];
  targets?: object[];
  filterPattern?: string;
}

async function startWithRule({ options, targets = [functionTarget()], filterPattern = '{}' }: Setup = {}) {
  const started = await startEventBridge(options);
  await started.client.createEventBus(new CreateEventBusRequest({ eventBusName: 'approvals' }));
  await started.client.createEventSource(
    new CreateEventSourceRequest({ eventBusName: 'approvals', eventSourceName: 'dingtalk.approval' }),
  );
  await started.client.createRule(
    new CreateRuleRequest({ eventBusName: 'approvals', ruleName: 'requests', filterPattern, targets }),
  );
  return started;
}

/** Fails the first `times` deliveries. */
function failing(times: number) {
  let left = times;
  return async () => {
    if (left-- > 0) throw new Error('函数 answered 500 🚀');
  };
}

const messages = ({ entries }: Started) => entries.map(({ message }) => message);

describe('rules', () => {
  test('only rules whose pattern takes the event deliver it', async () => {
    const started = await startWithRule({ filterPattern: '{"type":["ProvisionStarted"]}' });
    await started.client.putEvents([cloudEvent()]);
    await started.client.putEvents([cloudEvent({ id: 'e-2', type: 'ProvisionStarted' })]);
    const [{ context } = { context: undefined }] = await started.delivered(1);
    expect(context?.eventId).toBe('e-2');
    await started.logged('event delivered');
    expect(messages(started)).toEqual(['event received', 'event received', 'rule matched', 'event delivered']);
  });

  test('a disabled rule delivers nothing until it is enabled', async () => {
    const { client, delivered } = await startWithRule();
    const named = { eventBusName: 'approvals', ruleName: 'requests' };
    await client.disableRule(new DisableRuleRequest(named));
    await client.putEvents([cloudEvent({ id: 'while-off' })]);
    await client.enableRule(new EnableRuleRequest(named));
    await client.putEvents([cloudEvent({ id: 'while-on' })]);
    expect((await delivered(1)).map(({ context }) => context.eventId)).toEqual(['while-on']);
  });

  test('every target of a rule gets the event, transformed by its own parameters', async () => {
    const body = (form: string, more: object = {}) => ({ paramList: [{ resourceKey: 'Body', form, ...more }] });
    const { client, delivered } = await startWithRule({
      targets: [
        functionTarget({ id: 'path', ...body('JSONPATH', { value: '$.data' }) }),
        functionTarget({ id: 'constant', ...body('CONSTANT', { value: '固定 🚀' }) }),
        functionTarget({
          id: 'template',
          ...body('TEMPLATE', { value: '{"name":"$.data.name"}', template: `{"text":"\${jsonEscape(name)}"}` }),
        }),
      ],
    });
    await client.putEvents([cloudEvent({}, { name: '张"三"' })]);
    const bodies = new Map((await delivered(3)).map(({ body: received, context }) => [context.targetId, received]));
    expect(bodies.get('path')).toEqual({ name: '张"三"' });
    expect(bodies.get('constant')).toBe('固定 🚀');
    expect(bodies.get('template')).toEqual({ text: '张"三"' });
  });
});

describe('events of cloud services', () => {
  test('are published to the default bus with what the service adds', async () => {
    const { bridge, client, delivered } = await startEventBridge();
    await client.createRule(
      new CreateRuleRequest({
        eventBusName: 'default',
        ruleName: 'ca-done',
        filterPattern: '{"source":["acs.ecs"],"type":["ecs:CloudAssistant:TaskCompleted"]}',
        targets: [functionTarget()],
      }),
    );
    const data = { invokeId: 't-1', exitCode: '0', commandName: '入职 🚀' };
    bridge.publish({
      source: 'acs.ecs',
      type: 'ecs:CloudAssistant:TaskCompleted',
      subject: `acs.ecs:cn-hangzhou:${ACCOUNT_ID}:1`,
      time: '2020-11-19T21:04:41+08:00',
      id: 'event-1',
      data,
    });
    const [{ body } = { body: undefined }] = await delivered(1);
    expect(body).toEqual({
      id: 'event-1',
      source: 'acs.ecs',
      specversion: '1.0',
      type: 'ecs:CloudAssistant:TaskCompleted',
      datacontenttype: 'application/json;charset=utf-8',
      subject: `acs.ecs:cn-hangzhou:${ACCOUNT_ID}:1`,
      time: '2020-11-19T21:04:41+08:00',
      data: { invokeId: 't-1', exitCode: '0', commandName: '入职 🚀' },
      aliyunaccountid: ACCOUNT_ID,
      aliyunoriginalaccountid: ACCOUNT_ID,
      aliyunpublishtime: expect.any(String),
      aliyuneventbusname: 'default',
      aliyunregionid: 'cn-hangzhou',
      aliyunpublishaddr: '127.0.0.1',
    });
  });
});

describe('retries', () => {
  test('a failed delivery is tried again after 10 to 20 seconds', async () => {
    const started = await startWithRule({ options: { deliver: failing(2) } });
    await started.client.putEvents([cloudEvent()]);
    const [line] = await started.logged('event delivered');
    expect(line?.fields).toMatchObject({ attempt: 3 });
    expect(started.sleeps).toEqual([15_000, 15_000]);
    const [warning] = await started.logged('event not delivered');
    expect(warning?.fields).toMatchObject({ attempt: 1, reason: '函数 answered 500 🚀', retry_in_ms: 15_000 });
  });

  test('BACKOFF_RETRY gives up after three retries and drops the event with a line', async () => {
    const started = await startWithRule({ options: { deliver: failing(4) } });
    await started.client.putEvents([cloudEvent({}, { request_id: 'dingtalk.abc' })]);
    const [line] = await started.logged('event dropped');
    expect(line?.level).toBe('info');
    expect(line?.fields).toEqual({
      rule: 'requests',
      bus: 'approvals',
      event_type: 'ProvisionRequest',
      event_id: 'e-1',
      request_id: 'dingtalk.abc',
      target: 'fc',
      attempt: 4,
      reason: '函数 answered 500 🚀',
    });
    expect(started.sleeps).toEqual([15_000, 15_000, 15_000]);
    expect(await started.delivered(0)).toEqual([]);
  });

  test('EXPONENTIAL_DECAY_RETRY gives up after 176 retries', async () => {
    const started = await startWithRule({
      options: { deliver: failing(177) },
      targets: [functionTarget({ pushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' })],
    });
    await started.client.putEvents([cloudEvent()]);
    const [line] = await started.logged('event dropped');
    expect(line?.fields).toMatchObject({ attempt: 177 });
    expect(started.sleeps).toHaveLength(176);
  });

  test('one target that fails does not hold up another', async () => {
    const { client, delivered } = await startWithRule({
      options: {
        deliver: async (target) => {
          if (target.Id === 'broken') throw new Error('broken');
        },
      },
      targets: [functionTarget({ id: 'broken' }), functionTarget({ id: 'sound' })],
    });
    await client.putEvents([cloudEvent()]);
    expect((await delivered(1)).map(({ context }) => context.targetId)).toEqual(['sound']);
  });

  test('closing ends a wait for a retry and a delivery that hangs', async () => {
    const waiting: AbortSignal[] = [];
    const clock: Clock = {
      now: Date.now,
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          if (signal) waiting.push(signal);
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    };
    const started = await startWithRule({
      options: {
        clock,
        deliver: (target) => (target.Id === 'hangs' ? new Promise(() => {}) : Promise.reject(new Error('fails'))),
      },
      targets: [functionTarget({ id: 'hangs' }), functionTarget({ id: 'fails' })],
    });
    await started.client.putEvents([cloudEvent()]);
    await started.logged('event not delivered');
    await started.bridge.close();
    expect(waiting.map(({ aborted }) => aborted)).toEqual([true]);
    expect(started.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('faults', () => {
  test('drop loses the delivery', async () => {
    const started = await startWithRule();
    started.faults.add({ service: 'event-bridge', operation: 'deliver', fault: { kind: 'drop' } });
    await started.client.putEvents([cloudEvent({ id: 'lost' })]);
    const [line] = await started.logged('event dropped');
    expect(line?.fields).toMatchObject({ event_id: 'lost', reason: 'fault' });
    await started.client.putEvents([cloudEvent({ id: 'kept' })]);
    expect((await started.delivered(1)).map(({ context }) => context.eventId)).toEqual(['kept']);
  });

  test('double delivers twice', async () => {
    const { faults, client, delivered } = await startWithRule();
    faults.add({ service: 'event-bridge', operation: 'deliver', fault: { kind: 'double' } });
    await client.putEvents([cloudEvent()]);
    expect((await delivered(2)).map(({ context }) => context.eventId)).toEqual(['e-1', 'e-1']);
  });

  test('delay waits on the clock', async () => {
    const { faults, client, delivered, sleeps } = await startWithRule();
    faults.add({ service: 'event-bridge', operation: 'deliver', fault: { kind: 'delay', ms: 90_000 } });
    await client.putEvents([cloudEvent()]);
    await delivered(1);
    expect(sleeps).toEqual([90_000]);
  });

  test('lose_answer delivers, and again at the retry', async () => {
    const { faults, client, delivered, sleeps } = await startWithRule();
    faults.add({ service: 'event-bridge', operation: 'deliver', fault: { kind: 'lose_answer' } });
    await client.putEvents([cloudEvent()]);
    await delivered(2);
    expect(sleeps).toEqual([15_000]);
  });

  test.each<[string, Fault, object]>([
    [
      'error',
      { kind: 'error', status: 503, code: 'ServiceUnavailable' },
      { code: 'ServiceUnavailable', message: expect.stringContaining('This failure was asked for.') },
    ],
    ['answer', { kind: 'answer', status: 200, body: '<html>' }, { name: 'SyntaxError' }],
    ['cut', { kind: 'cut' }, { code: 'ECONNRESET' }],
  ])('%s meets the request that asks for the operation', async (_, fault, error) => {
    const { faults, client } = await startWithRule();
    expect(SERVICES).toContain('event-bridge');
    faults.add({ service: 'event-bridge', operation: 'PutEvents', fault });
    await expect(client.putEvents([cloudEvent()])).rejects.toMatchObject(error);
    expect((await client.putEvents([cloudEvent()])).failedEntryCount).toBe(0);
  });

  test('operations of the control plane have their names, those of v2 too', async () => {
    const { faults, client } = await startEventBridge();
    const fault: Fault = { kind: 'error', status: 429, code: 'TooManyRequests' };
    faults.add({ service: 'event-bridge', operation: 'CreateEventSource', fault });
    faults.add({ service: 'event-bridge', operation: 'CreateEventBus', fault });
    const source = new CreateEventSourceRequest({ eventBusName: 'default', eventSourceName: 'a' });
    await expect(client.createEventSource(source)).rejects.toMatchObject({ code: 'TooManyRequests' });
    const bus = new CreateEventBusRequest({ eventBusName: 'approvals' });
    await expect(client.createEventBus(bus)).rejects.toMatchObject({ code: 'TooManyRequests' });
  });
});

describe('traces', () => {
  test('tell what became of an event', async () => {
    const started = await startWithRule({ options: { deliver: failing(1) } });
    await started.client.putEvents([cloudEvent()]);
    await started.logged('event delivered');
    const named = { eventBusName: 'approvals', eventId: 'e-1' };
    const { eventTraceList } = await started.client.queryEventTraces(new QueryEventTracesRequest(named));
    expect(eventTraceList).toMatchObject([
      { action: 'PutEvent', eventSource: 'dingtalk.approval', receivedTime: expect.any(Number) },
      { action: 'FilterEvent', ruleName: 'requests', ruleMatchingTime: expect.any(Number) },
      { action: 'PushEvent', ruleName: 'requests', notifyStatus: '[500]函数 answered 500 🚀' },
      {
        action: 'PushEvent',
        notifyStatus: '[200]Ok',
        notifyLatency: expect.any(Number),
        endpoint: `acs:fc:cn-hangzhou:${ACCOUNT_ID}:functions/dispatch`,
        resourceOwnerId: ACCOUNT_ID,
      },
    ]);
    const found = await started.client.queryEventByEventId(
      new QueryEventByEventIdRequest({ ...named, eventSource: 'dingtalk.approval' }),
    );
    expect(found).toMatchObject({ total: 1, tracedEvents: [{ eventId: 'e-1', eventType: 'ProvisionRequest' }] });
  });

  test('of an unknown event are empty, of an unknown bus refused', async () => {
    const { client } = await startEventBridge();
    const unknown = { eventBusName: 'default', eventId: 'nothing', eventSource: 'acs.ecs' };
    expect(await client.queryEventByEventId(new QueryEventByEventIdRequest(unknown))).toMatchObject({ total: 0 });
    await expect(
      client.queryEventTraces(new QueryEventTracesRequest({ ...unknown, eventBusName: 'nowhere' })),
    ).rejects.toMatchObject({ code: 'EventBusNotExist' });
  });
});
