import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateEventBusRequest,
  CreateEventSourceRequest,
  CreateRuleRequest,
  CreateTargetsRequest,
  DeleteEventBusRequest,
  DeleteEventSourceRequest,
  DeleteRuleRequest,
  DeleteTargetsRequest,
  DisableRuleRequest,
  EnableRuleRequest,
  GetEventBusRequest,
  GetRuleRequest,
  ListEventBusesRequest,
  ListRulesRequest,
  ListTargetsRequest,
  ListUserDefinedRequest,
  TestEventPatternRequest,
  UpdateEventSourceRequest,
  UpdateRuleRequest,
} from '@alicloud/eventbridge';
import {
  ACCOUNT_ID,
  functionTarget,
  type Started,
  startEventBridge,
  stopAll,
  temporaryDirectory,
} from './start-event-bridge.ts';

afterEach(stopAll);

const ARN = `acs:eventbridge:cn-hangzhou:${ACCOUNT_ID}:eventbus`;

async function startWithBus(): Promise<Started> {
  const started = await startEventBridge();
  await started.client.createEventBus(new CreateEventBusRequest({ eventBusName: 'approvals' }));
  return started;
}

function rule(changes: object = {}): CreateRuleRequest {
  return new CreateRuleRequest({
    eventBusName: 'approvals',
    ruleName: 'requests',
    filterPattern: '{"type":["ProvisionRequest"]}',
    targets: [functionTarget()],
    ...changes,
  });
}

describe('event buses', () => {
  test('the default bus is there from the start and stays', async () => {
    const { client } = await startEventBridge();
    const { eventBuses, total } = await client.listEventBuses(new ListEventBusesRequest({}));
    expect(total).toBe(1);
    expect(eventBuses[0]).toMatchObject({ eventBusName: 'default', eventBusARN: `${ARN}/default` });
    await expect(client.deleteEventBus(new DeleteEventBusRequest({ eventBusName: 'default' }))).rejects.toMatchObject({
      code: 'EventBusNameInvalid',
    });
  });

  test('a bus is created, described and deleted', async () => {
    const { client } = await startEventBridge();
    const request = { eventBusName: 'approvals', description: '审批 🚀', tags: { env: 'dev' } };
    const created = await client.createEventBus(new CreateEventBusRequest(request));
    expect(created.eventBusARN).toBe(`${ARN}/approvals`);
    const named = { eventBusName: 'approvals' };
    expect(await client.getEventBus(new GetEventBusRequest(named))).toMatchObject({
      ...request,
      eventBusARN: `${ARN}/approvals`,
      createTimestamp: expect.any(Number),
    });
    await client.deleteEventBus(new DeleteEventBusRequest(named));
    await expect(client.getEventBus(new GetEventBusRequest(named))).rejects.toMatchObject({ code: 'EventBusNotExist' });
  });

  test.each([['ab'], ['a'.repeat(127)], ['constructor'], ['1-bus']])('the name %s is allowed', async (eventBusName) => {
    const { client } = await startEventBridge();
    await client.createEventBus(new CreateEventBusRequest({ eventBusName }));
    expect((await client.getEventBus(new GetEventBusRequest({ eventBusName }))).eventBusName).toBe(eventBusName);
  });

  test.each([
    ['a', 'EventBusNameInvalid'],
    ['a'.repeat(128), 'EventBusNameInvalid'],
    ['default', 'EventBusNameInvalid'],
    ['eventbridge-reserved-x', 'EventBusNameInvalid'],
    ['-bus', 'EventBusNameInvalid'],
    ['my_bus', 'EventBusNameInvalid'],
    ['__proto__', 'EventBusNameInvalid'],
    ['总线', 'EventBusNameInvalid'],
    ['approvals', 'EventBusAlreadyExist'],
    ['', 'InvalidParameter'],
  ])('the name %s is refused with %s', async (eventBusName, code) => {
    const { client } = await startWithBus();
    await expect(client.createEventBus(new CreateEventBusRequest({ eventBusName }))).rejects.toMatchObject({ code });
  });

  test('there are at most 50 custom buses, listed page by page and by prefix', async () => {
    const { client } = await startEventBridge();
    for (let number = 10; number < 60; number++) {
      await client.createEventBus(new CreateEventBusRequest({ eventBusName: `bus-${number}` }));
    }
    await expect(client.createEventBus(new CreateEventBusRequest({ eventBusName: 'one-more' }))).rejects.toMatchObject({
      code: 'EventBusCountExceedLimit',
    });

    const first = await client.listEventBuses(new ListEventBusesRequest({ namePrefix: 'bus-', limit: 30 }));
    expect(first).toMatchObject({ total: 50, nextToken: '30' });
    const last = await client.listEventBuses(
      new ListEventBusesRequest({ namePrefix: 'bus-', limit: 30, nextToken: first.nextToken }),
    );
    expect(last.nextToken).toBeUndefined();
    expect(last.eventBuses.map(({ eventBusName }) => eventBusName)).toHaveLength(20);
    expect(last.eventBuses.at(-1)?.eventBusName).toBe('bus-59');
  });

  test.each([
    [{ limit: 0 }, 'LimitSizeInvalid'],
    [{ limit: 101 }, 'LimitSizeInvalid'],
    [{ nextToken: 'next' }, 'NextTokenInvalid'],
  ])('a page of %j is refused with %s', async (page, code) => {
    const { client } = await startEventBridge();
    await expect(client.listEventBuses(new ListEventBusesRequest(page))).rejects.toMatchObject({ code });
  });

  test('a bus with a rule or a source cannot be deleted', async () => {
    const { client } = await startWithBus();
    const remove = () => client.deleteEventBus(new DeleteEventBusRequest({ eventBusName: 'approvals' }));
    const source = { eventBusName: 'approvals', eventSourceName: 'dingtalk.approval' };
    await client.createEventSource(new CreateEventSourceRequest(source));
    await client.createRule(rule());
    await expect(remove()).rejects.toMatchObject({ code: 'EventBusRuleNotEmptyForDelete' });
    await client.deleteRule(new DeleteRuleRequest({ eventBusName: 'approvals', ruleName: 'requests' }));
    await expect(remove()).rejects.toMatchObject({ code: 'EventBusSourceNotEmptyForDelete' });
    await client.deleteEventSource(new DeleteEventSourceRequest(source));
    await expect(remove()).resolves.toBeDefined();
  });
});

describe('rules', () => {
  const named = { eventBusName: 'approvals', ruleName: 'requests' };

  test('a rule is created, read, changed, disabled, enabled and deleted', async () => {
    const { client } = await startWithBus();
    const created = await client.createRule(rule({ description: '到 dispatch 🚀' }));
    expect(created.ruleARN).toBe(`${ARN}/approvals/rule/requests`);
    const read = () => client.getRule(new GetRuleRequest(named));
    expect(await read()).toMatchObject({
      ...named,
      ruleARN: `${ARN}/approvals/rule/requests`,
      description: '到 dispatch 🚀',
      status: 'ENABLE',
      filterPattern: '{"type":["ProvisionRequest"]}',
      targets: [functionTarget()],
      ctime: expect.any(Number),
    });

    await client.updateRule(new UpdateRuleRequest({ ...named, filterPattern: '{"source":["lark.approval"]}' }));
    await client.disableRule(new DisableRuleRequest(named));
    expect(await read()).toMatchObject({
      description: '到 dispatch 🚀',
      status: 'DISABLE',
      filterPattern: '{"source":["lark.approval"]}',
    });
    await client.enableRule(new EnableRuleRequest(named));
    expect(await read()).toMatchObject({ status: 'ENABLE' });
    await client.deleteRule(new DeleteRuleRequest(named));
    await expect(read()).rejects.toMatchObject({ code: 'EventRuleNotExisted' });
  });

  test.each([
    ['a pattern that is none', { filterPattern: '{"type":"x"}' }, 'EventRuleFilterPatternSchemaError'],
    ['a pattern that is no JSON', { filterPattern: '{' }, 'EventRuleFilterPatternSchemaError'],
    ['no pattern', { filterPattern: undefined }, 'InvalidParameter'],
    ['another status', { status: 'ON' }, 'InvalidParameter'],
    ['an unknown bus', { eventBusName: 'nowhere' }, 'EventBusNotExist'],
    ['a name with a dot', { ruleName: 'a.b' }, 'EventRuleNameInvalid'],
    ['two targets of one id', { targets: [functionTarget(), functionTarget()] }, 'EventTargetAlreadyExist'],
    [
      'six targets',
      { targets: [1, 2, 3, 4, 5, 6].map((id) => functionTarget({ id: `fc-${id}` })) },
      'EventTargetCountExceedLimit',
    ],
  ])('a rule with %s is refused and leaves nothing behind', async (_, changes, code) => {
    const { client } = await startWithBus();
    await expect(client.createRule(rule(changes))).rejects.toMatchObject({ code });
    expect((await client.listRules(new ListRulesRequest({ eventBusName: 'approvals' }))).total).toBe(0);
  });

  test('the message of a refused pattern says where the fault is', async () => {
    const { client } = await startWithBus();
    await expect(client.createRule(rule({ filterPattern: '{"type":[]}' }))).rejects.toThrow(
      /Event pattern is not valid, reason: a leaf array has at least one member \(at \$\.type\)$/,
    );
  });

  test('a refused change leaves the rule as it was', async () => {
    const { client } = await startWithBus();
    await client.createRule(rule());
    const change = new UpdateRuleRequest({ ...named, description: 'new', filterPattern: '[]' });
    await expect(client.updateRule(change)).rejects.toMatchObject({ code: 'EventRuleFilterPatternSchemaError' });
    expect(await client.getRule(new GetRuleRequest(named))).toMatchObject({ description: '' });
  });

  test('rules are listed page by page and by prefix, at most 50 a bus', async () => {
    const { client } = await startWithBus();
    for (let number = 10; number < 60; number++) await client.createRule(rule({ ruleName: `r-${number}` }));
    await expect(client.createRule(rule())).rejects.toMatchObject({ code: 'EventRuleCountExceedLimit' });
    const page = await client.listRules(
      new ListRulesRequest({ eventBusName: 'approvals', ruleNamePrefix: 'r-1', limit: 4, nextToken: '8' }),
    );
    expect(page.total).toBe(10);
    expect(page.nextToken).toBeUndefined();
    expect(page.rules.map(({ ruleName }) => ruleName)).toEqual(['r-18', 'r-19']);
    expect(page.rules[0]?.targets).toMatchObject([functionTarget()]);
  });
});

describe('targets', () => {
  const named = { eventBusName: 'approvals', ruleName: 'requests' };

  test('targets are added and removed one by one, failures told per entry', async () => {
    const { client } = await startWithBus();
    await client.createRule(rule());
    const added = await client.createTargets(
      new CreateTargetsRequest({ ...named, targets: [functionTarget(), functionTarget({ id: 'fc-2' })] }),
    );
    expect(added).toMatchObject({
      errorEntriesCount: 1,
      errorEntries: [{ entryId: 'fc', errorCode: 'EventTargetAlreadyExist' }],
    });
    const removed = await client.deleteTargets(new DeleteTargetsRequest({ ...named, targetIds: ['fc', 'fc-3'] }));
    expect(removed).toMatchObject({
      errorEntriesCount: 1,
      errorEntries: [{ entryId: 'fc-3', errorCode: 'EventTargetNotExist' }],
    });
    const { targets } = await client.listTargets(new ListTargetsRequest(named));
    expect(targets.map(({ id }) => id)).toEqual(['fc-2']);
  });

  const parameter = (changes: object) => ({ paramList: [{ resourceKey: 'Body', form: 'ORIGINAL', ...changes }] });
  const endpoint = (path: string, account = ACCOUNT_ID, region = 'cn-hangzhou') => ({
    endpoint: `acs:fc:${region}:${account}:${path}`,
  });

  test.each([
    ['a function with its service', endpoint('services/svc.LATEST/functions/fn')],
    ['a function without a service', endpoint('functions/approval-loop-dev_fn')],
    ['the short spelling of a strategy', { pushRetryStrategy: 'BACKOFFRETRY' }],
    ['the decaying strategy', { pushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' }],
    ['an HTTP target', { type: 'http', endpoint: 'http://127.0.0.1:1/x' }],
    ['a path', parameter({ form: 'JSONPATH', value: "$.data['员工'][0]" })],
    ['a template', parameter({ form: 'TEMPLATE', value: '{"a":"$.data.a"}', template: `\${a}` })],
    ['a value of 10,240', parameter({ form: 'CONSTANT', value: '中'.repeat(10_240) })],
  ])('%s is accepted', async (_, changes) => {
    const { client } = await startWithBus();
    await client.createRule(rule({ targets: [functionTarget(changes)] }));
    const { targets } = await client.listTargets(new ListTargetsRequest(named));
    expect(targets).toMatchObject([functionTarget(changes)]);
  });

  test.each([
    ['an unknown type', { type: 'acs.ecs.command' }, 'EventTargetClassNotExist'],
    ['a function of another account', endpoint('functions/fn', '42'), 'EventTargetIneffectiveAttribute'],
    [
      'a function of another region',
      endpoint('functions/fn', ACCOUNT_ID, 'cn-beijing'),
      'EventTargetIneffectiveAttribute',
    ],
    ['an endpoint that is none', { endpoint: 'https://example.com/' }, 'EventTargetIneffectiveAttribute'],
    ['an unknown strategy', { pushRetryStrategy: 'NEVER' }, 'InvalidParameter'],
    ['an unknown form', parameter({ form: 'REGEX' }), 'InvalidParameter'],
    ['a value of 10,241', parameter({ form: 'CONSTANT', value: 'x'.repeat(10_241) }), 'InvalidParameter'],
    ['a constant without a value', parameter({ form: 'CONSTANT' }), 'EventTargetIneffectiveAttribute'],
    [
      'a path to several places',
      parameter({ form: 'JSONPATH', value: '$.data[*]' }),
      'EventTargetIneffectiveAttribute',
    ],
    ['a template without text', parameter({ form: 'TEMPLATE', value: '{}' }), 'EventTargetIneffectiveAttribute'],
    [
      'variables that are not flat',
      parameter({ form: 'TEMPLATE', value: '{"a":{"b":"$.c"}}', template: 'x' }),
      'EventTargetIneffectiveAttribute',
    ],
    [
      'a parameter twice',
      { paramList: [...functionTarget().paramList, ...functionTarget().paramList] },
      'EventTargetIneffectiveAttribute',
    ],
  ])('%s is refused with %s', async (_, changes, code) => {
    const { client } = await startWithBus();
    await expect(client.createRule(rule({ targets: [functionTarget(changes)] }))).rejects.toMatchObject({ code });
  });
});

describe('event sources', () => {
  test('a source is created, changed, listed and deleted', async () => {
    const { client } = await startWithBus();
    const source = { eventBusName: 'approvals', eventSourceName: 'dingtalk.approval' };
    const { eventSourceARN } = await client.createEventSource(new CreateEventSourceRequest(source));
    expect(eventSourceARN).toBe(`${ARN}/approvals/eventsource/dingtalk.approval`);
    await client.updateEventSource(new UpdateEventSourceRequest({ ...source, description: '钉钉 🚀' }));
    const list = () => client.listUserDefinedEventSources(new ListUserDefinedRequest({ eventBusName: 'approvals' }));
    expect(await list()).toMatchObject({
      total: 1,
      eventSources: [
        { name: 'dingtalk.approval', description: '钉钉 🚀', eventBusName: 'approvals', arn: eventSourceARN },
      ],
    });
    await client.deleteEventSource(new DeleteEventSourceRequest(source));
    expect((await list()).total).toBe(0);
  });

  test.each([
    ['a name with an underscore', { eventSourceName: 'a_b' }, 'EventSourceNameInvalid'],
    ['a name of 128', { eventSourceName: 'a'.repeat(128) }, 'EventSourceNameInvalid'],
    ['an unknown bus', { eventBusName: 'nowhere' }, 'EventBusNotExist'],
    [
      'parameters of a source that receives by itself',
      { sourceHttpEventParameters: { type: 'HTTP' } },
      'InvalidParameter',
    ],
  ])('%s is refused', async (_, changes, code) => {
    const { client } = await startWithBus();
    const request = { eventBusName: 'approvals', eventSourceName: 'lark.approval', ...changes };
    await expect(client.createEventSource(new CreateEventSourceRequest(request))).rejects.toMatchObject({ code });
  });

  test('a source exists once', async () => {
    const { client } = await startWithBus();
    const request = new CreateEventSourceRequest({ eventBusName: 'approvals', eventSourceName: 'lark.approval' });
    await client.createEventSource(request);
    await expect(client.createEventSource(request)).rejects.toMatchObject({ code: 'EventSourceAlreadyExist' });
  });
});

describe('testEventPattern', () => {
  test.each([
    ['{"data":{"name":[{"prefix":"张"}]}}', '{"data":{"name":"张三 🚀"}}', true],
    ['{"data":{"name":[{"prefix":"李"}]}}', '{"data":{"name":"张三 🚀"}}', false],
  ])('%s on %s is %s', async (eventPattern, event, result) => {
    const { client } = await startEventBridge();
    expect((await client.testEventPattern(new TestEventPatternRequest({ event, eventPattern }))).result).toBe(result);
  });

  test.each([
    ['{"data":{}}', '{}', 'EventRuleFilterPatternSchemaError'],
    ['{}', 'not JSON', 'JsonAttributeInvalid'],
  ])('%s on %s is refused', async (eventPattern, event, code) => {
    const { client } = await startEventBridge();
    await expect(client.testEventPattern(new TestEventPatternRequest({ event, eventPattern }))).rejects.toMatchObject({
      code,
    });
  });
});

describe('state', () => {
  test('buses, rules and sources are there again after a restart', async () => {
    const directory = await temporaryDirectory();
    const first = await startEventBridge({ directory });
    await first.client.createEventBus(new CreateEventBusRequest({ eventBusName: 'approvals' }));
    await first.client.createRule(rule({ description: '中文 🚀' }));
    await first.client.createEventSource(
      new CreateEventSourceRequest({ eventBusName: 'approvals', eventSourceName: 'lark.approval' }),
    );
    await first.bridge.close();

    const { client } = await startEventBridge({ directory });
    const kept = await client.getRule(new GetRuleRequest({ eventBusName: 'approvals', ruleName: 'requests' }));
    expect(kept).toMatchObject({ description: '中文 🚀', targets: [functionTarget()] });
    const sources = await client.listUserDefinedEventSources(new ListUserDefinedRequest({}));
    expect(sources).toMatchObject({ eventSources: [{ name: 'lark.approval' }] });
  });

  test('changes made at the same time are all kept', async () => {
    const { client, directory } = await startEventBridge();
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
    await Promise.all(names.map((eventBusName) => client.createEventBus(new CreateEventBusRequest({ eventBusName }))));
    const saved = await readFile(join(directory, 'event-bridge.json'), 'utf8');
    for (const name of names) expect(saved).toContain(`"${name}"`);
  });

  test('a change that cannot be written is answered with 500 and undone', async () => {
    const { client, directory, logged } = await startEventBridge();
    const inTheWay = join(directory, 'event-bridge.json.new');
    await mkdir(inTheWay);
    const request = new CreateEventBusRequest({ eventBusName: 'approvals' });
    await expect(client.createEventBus(request)).rejects.toMatchObject({ code: 'InternalError' });
    expect((await client.listEventBuses(new ListEventBusesRequest({}))).total).toBe(1);
    const [line] = await logged('request failed');
    expect(line).toMatchObject({ level: 'error', fields: { action: 'createEventBus' } });
    await rmdir(inTheWay);
    expect((await client.createEventBus(request)).eventBusARN).toBe(`${ARN}/approvals`);
  });

  test('a file that is not ours is refused, not overwritten', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'event-bridge.json');
    await writeFile(file, '{"buses":[{"EventBusName":5}]}');
    await expect(startEventBridge({ directory })).rejects.toThrow(/does not hold the state of an event bridge/);
    expect(await readFile(file, 'utf8')).toBe('{"buses":[{"EventBusName":5}]}');
  });
});
