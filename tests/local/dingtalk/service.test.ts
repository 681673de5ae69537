import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORGANISATION, type Running, startDingtalk } from './start-dingtalk.ts';

const OPEN_ROBOT = { ...ORGANISATION, robots: [{ chat: 'open', accessToken: 'open' }] };
const GROUP = { openConversationId: 'cidOPS==', name: '运维群' };
const hello = { msgtype: 'text', text: { content: '你好 🙂' } };

describe('state', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'dingtalk-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('instances and messages are remembered, in their order', async () => {
    const before = await startDingtalk({ directory, organisation: OPEN_ROBOT });
    const ids = [await before.createInstance(), await before.createInstance()];
    await before.decide(String(ids[0]), 'u2', 'agree');
    await before.call('POST', '/robot/send?access_token=open', { ...hello, msgUuid: 'one' });
    const shown = before.dingtalk.messages();
    await before.close();

    const after = await startDingtalk({ directory, organisation: OPEN_ROBOT });
    expect(after.dingtalk.messages()).toEqual(shown);
    expect(await after.detail(String(ids[0]))).toMatchObject({ status: 'COMPLETED', result: 'agree' });
    expect(await after.decide(String(ids[1]), 'u2', 'refuse')).toMatchObject({ status: 200 });
    await after.call('POST', '/robot/send?access_token=open', { ...hello, msgUuid: 'one' });
    expect(after.dingtalk.messages()).toHaveLength(1);
    expect(readdirSync(join(directory, 'instances'))).toEqual(['0000000001.json', '0000000002.json']);
    await after.close();
  });

  test('a file that is not state stops the start and is named', async () => {
    await (await startDingtalk({ directory })).close();
    writeFileSync(join(directory, 'instances', '0000000001.json'), '{"processInstanceId":1}');
    await expect(startDingtalk({ directory })).rejects.toThrow('0000000001.json is not readable state');
  });
});

describe('the organisation', () => {
  test.each([
    ['an approver nobody knows', { users: [{ userid: 'u1', name: '张三' }] }, 'approver u2 of template'],
    ['a misspelt key', { robot: [] }, 'robot'],
    ['no users', { users: [] }, 'users'],
    ['two groups of one id', { groups: [GROUP, GROUP] }, 'there are two groups cidOPS=='],
  ])('with %s is refused', async (_name, fields, message) => {
    const organisation = { ...ORGANISATION, ...fields };
    await expect(startDingtalk({ organisation })).rejects.toThrow(message);
  });
});

describe('faults', () => {
  let service: Running;
  beforeEach(async () => {
    service = await startDingtalk({ organisation: OPEN_ROBOT });
  });
  afterEach(() => service.close());

  test('throttling on the new API is HTTP 403 with a code', async () => {
    const code = 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi';
    const fault = { kind: 'error', status: 403, code, message: 'too fast' } as const;
    service.faults.add({ service: 'dingtalk', operation: 'processInstances/get', fault });
    const path = '/v1.0/workflow/processInstances?processInstanceId=x';
    expect(await service.newApi('GET', path)).toEqual({
      status: 403,
      body: { code, message: 'too fast', requestid: expect.any(String) },
    });
    expect(await service.newApi('GET', path)).toMatchObject({ body: { code: 'processInstanceNotExist' } });
  });

  test.each([
    ['groupMessages/send', 'POST', '/v1.0/robot/groupMessages/send'],
    ['groupMessages/recall', 'POST', '/v1.0/robot/groupMessages/recall'],
    ['oToMessages/batchSend', 'POST', '/v1.0/robot/oToMessages/batchSend'],
    ['card/createAndDeliver', 'POST', '/v1.0/card/instances/createAndDeliver'],
    ['card/update', 'PUT', '/v1.0/card/instances'],
    ['card/callbacks/register', 'POST', '/v1.0/card/callbacks/register'],
  ] as const)('a throttled %s is HTTP 403 with a code and is not counted', async (operation, method, path) => {
    const code = 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi';
    service.faults.add({ service: 'dingtalk', operation, fault: { kind: 'error', status: 403, code } });
    expect(await service.newApi(method, path, {})).toMatchObject({ status: 403, body: { code } });
    expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls: 0, webhookAndStream: 0 });
    expect(await service.newApi(method, path, {})).toMatchObject({ status: 400 });
  });

  test('a group message whose answer is lost is shown, and its sender does not know', async () => {
    service.faults.add({ service: 'dingtalk', operation: 'groupMessages/send', fault: { kind: 'lose_answer' } });
    const body = {
      robotCode: 'dingapp',
      openConversationId: 'cidOPS==',
      msgKey: 'sampleText',
      msgParam: '{"content":"好"}',
    };
    await expect(service.newApi('POST', '/v1.0/robot/groupMessages/send', body)).rejects.toThrow('connection failed');
    expect(service.dingtalk.messages()).toHaveLength(1);
  });

  test.each([
    ['90018', 90018],
    ['Whatever', -1],
  ])('an error %s on the old API is HTTP 200 with errcode %i', async (code, errcode) => {
    service.faults.add({ service: 'dingtalk', operation: 'robot/send', fault: { kind: 'error', status: 403, code } });
    const answer = await service.call('POST', '/robot/send?access_token=open', hello);
    expect(answer).toMatchObject({ status: 200, body: { errcode } });
    expect(service.dingtalk.messages()).toEqual([]);
  });

  test('a lost answer still shows the message', async () => {
    service.faults.add({ service: 'dingtalk', operation: 'robot/send', fault: { kind: 'lose_answer' } });
    await expect(service.call('POST', '/robot/send?access_token=open', hello)).rejects.toThrow('connection failed');
    expect(service.dingtalk.messages()).toHaveLength(1);
  });
});

describe('quotas', () => {
  test('calls of approvals and webhooks are counted, token and contact calls are not', async () => {
    const service = await startDingtalk({ organisation: OPEN_ROBOT });
    await service.createInstance();
    await service.call('POST', '/robot/send?access_token=open', hello);
    await service.call('POST', `/topapi/v2/user/get?access_token=${await service.token()}`, { userid: 'u1' });
    expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls: 1, webhookAndStream: 1 });
    service.advance(31 * 86_400_000);
    expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls: 0, webhookAndStream: 0 });
    await service.close();
  });

  test('an organisation that enforces them is cut off', async () => {
    const quota = { enforced: true, apiCalls: 1, webhookAndStream: 1 };
    const service = await startDingtalk({ organisation: { ...OPEN_ROBOT, quota } });
    await service.createInstance();
    expect(await service.newApi('GET', '/v1.0/workflow/processInstances?processInstanceId=x')).toMatchObject({
      status: 403,
      body: { code: 'Forbidden.AccessDenied.ApiCountLimitForOrg' },
    });
    const failed = `/call_back/get_call_back_failed_result?access_token=${await service.token()}`;
    expect(await service.call('GET', failed)).toMatchObject({ status: 200, body: { errcode: 90020 } });
    const send = () => service.call('POST', '/robot/send?access_token=open', hello);
    expect(await send()).toMatchObject({ body: { errcode: 0 } });
    expect(await send()).toMatchObject({ status: 200, body: { errcode: 90030 } });
    await service.close();
  });
});
