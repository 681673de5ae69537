import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPROVAL_CODE, CHAT_ID, instanceBody, ORGANISATION, type Running, startLark } from './start-lark.ts';

const HELLO = { receive_id: CHAT_ID, msg_type: 'text', content: '{"text":"你好 🙂"}', uuid: 'one' };
const hello = (service: Running) => service.api('POST', 'im/v1/messages?receive_id_type=chat_id', HELLO);

describe('state', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lark-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('instances, messages and subscriptions are remembered', async () => {
    const before = await startLark({ directory });
    const code = await before.createInstance({ uuid: 'mine' });
    before.lark.decide(code, { userId: 'u2', approved: true });
    await before.api('POST', `approval/v4/approvals/${APPROVAL_CODE}/subscribe`);
    await hello(before);
    const detail = await before.detail(code);
    const shown = before.lark.messages();
    await before.close();

    const after = await startLark({ directory });
    expect(await after.detail('mine')).toEqual(detail);
    expect(after.lark.messages()).toEqual(shown);
    await hello(after);
    expect(after.lark.messages()).toHaveLength(1);
    expect(await after.api('POST', `approval/v4/approvals/${APPROVAL_CODE}/subscribe`)).toMatchObject({
      body: { code: 1390007 },
    });
    expect(readdirSync(join(directory, 'instances'))).toEqual(['0000000001.json']);
    await after.close();
  });

  test('a file that is not state stops the start and is named', async () => {
    await (await startLark({ directory })).close();
    writeFileSync(join(directory, 'instances', '0000000001.json'), '{"instance_code":1}');
    await expect(startLark({ directory })).rejects.toThrow('0000000001.json is not readable state');
  });
});

describe('the organisation', () => {
  test.each([
    ['an approver nobody knows', { users: [{ user_id: 'u1', name: '张三' }] }, 'approver u2 of definition'],
    ['an app id of another form', { app: { app_id: 'cli_x', app_secret: 'x' } }, 'cli_ and 16 hex digits'],
    ['a misspelt key', { chat: [] }, 'chat'],
    ['no users', { users: [] }, 'users'],
  ])('with %s is refused', async (_name, fields, message) => {
    await expect(startLark({ organisation: { ...ORGANISATION, ...fields } })).rejects.toThrow(message);
  });

  test('gives people ids of their own, the same at every start', async () => {
    const users = ORGANISATION.users.map(({ user_id, name }) => ({ user_id, name }));
    const organisation = { ...ORGANISATION, users };
    const openId = async () => {
      const service = await startLark({ organisation });
      const { open_id } = await service.detail(await service.createInstance());
      await service.close();
      return open_id;
    };
    const first = await openId();
    expect(first).toMatch(/^ou_[0-9a-f]{32}$/);
    expect(await openId()).toBe(first);
  });
});

describe('limits', () => {
  let service: Running;
  beforeEach(async () => {
    service = await startLark({ organisation: { ...ORGANISATION, monthlyCalls: 151 } });
  });
  afterEach(() => service.close());

  test('the 101st instance of a minute is refused with HTTP 429 and the time to wait', async () => {
    const authorization = `Bearer ${await service.token()}`;
    const create = () => service.call('POST', 'approval/v4/instances', instanceBody(), { authorization });
    for (let count = 0; count < 100; count += 1) expect((await create()).status).toBe(200);
    service.advance(10_000);
    const refused = await create();
    expect(refused).toMatchObject({ status: 429, body: { code: 99991400, msg: 'request trigger frequency limit' } });
    expect(refused.headers.get('x-ogw-ratelimit-reset')).toBe('50');
    service.advance(50_000);
    expect((await create()).status).toBe(200);
  });

  test('the 51st look of a second is refused, other calls are not', async () => {
    const authorization = `Bearer ${await service.token()}`;
    const get = (path: string) => service.call('GET', path, undefined, { authorization });
    for (let count = 0; count < 50; count += 1) await get('approval/v4/instances/none');
    expect(await get('approval/v4/instances/none')).toMatchObject({ status: 429, body: { code: 99991400 } });
    expect(await get('im/v1/chats')).toMatchObject({ status: 200 });
    service.advance(1_000);
    expect(await get('approval/v4/instances/none')).toMatchObject({ status: 400, body: { code: 1390003 } });
  });

  test("the month's calls are counted, tokens and webhooks are not, and the quota ends with the month", async () => {
    const authorization = `Bearer ${await service.token()}`;
    const chats = () => service.call('GET', 'im/v1/chats', undefined, { authorization });
    for (let count = 0; count < 151; count += 1) {
      expect((await chats()).status).toBe(200);
      service.advance(100);
    }
    await service.call('POST', 'bot/v2/hook/hook-token', {});
    expect(service.lark.callsUsed()).toBe(151);
    expect(await chats()).toMatchObject({ status: 400, body: { code: 99991403 } });
    service.advance(31 * 86_400_000);
    expect(await service.api('GET', 'im/v1/chats')).toMatchObject({ status: 200 });
  });
});

describe('faults', () => {
  let service: Running;
  beforeEach(async () => {
    service = await startLark();
  });
  afterEach(() => service.close());

  test.each([
    ['99991400', 429, 99991400, '1'],
    ['1395001', 400, 1395001, null],
    ['Whatever', 500, -1, null],
  ])('an error %s has the shape of the vendor', async (code, status, sent, reset) => {
    service.faults.add({ service: 'lark', operation: 'chats/list', fault: { kind: 'error', status, code } });
    const answer = await service.api('GET', 'im/v1/chats');
    expect(answer).toMatchObject({ status, body: { code: sent, error: { log_id: expect.any(String) } } });
    expect(answer.headers.get('x-ogw-ratelimit-reset')).toBe(reset);
    expect(await service.api('GET', 'im/v1/chats')).toMatchObject({ status: 200 });
  });

  test('a lost answer still shows the message, and the same uuid then shows no second one', async () => {
    service.faults.add({ service: 'lark', operation: 'messages/create', fault: { kind: 'lose_answer' } });
    await expect(hello(service)).rejects.toThrow('fetch failed');
    expect(await hello(service)).toMatchObject({ status: 200, body: { code: 0 } });
    expect(service.lark.messages()).toHaveLength(1);
  });
});

test('what is granted to the app is listed, as the official SDK reads it', async () => {
  const service = await startLark();
  service.lark.setScopes(['approval:approval:readonly']);
  const { data } = await service.client.application.scope.list();
  expect(data?.scopes).toEqual([{ scope_name: 'approval:approval:readonly', grant_status: 1 }]);
  await service.close();
});
