import { createClient, ORGANISATION, type Running, startLark } from './start-lark.ts';

let service: Running;
beforeEach(async () => {
  service = await startLark();
});
afterEach(() => service.close());

const TOKEN = 'auth/v3/tenant_access_token/internal';
const PAIR = { app_id: 'cli_9f427eec54ae901b', app_secret: 'app-secret' };
const CHATS = 'im/v1/chats';
const withToken = (token: string) => service.call('GET', CHATS, undefined, { authorization: `Bearer ${token}` });

test('a token lives 7200 s; below 30 minutes a new one comes and both are valid', async () => {
  const first = await service.call('POST', TOKEN, PAIR);
  expect(first).toMatchObject({
    status: 200,
    body: { code: 0, msg: 'ok', tenant_access_token: expect.stringMatching(/^t-[0-9a-f]{40}$/), expire: 7200 },
  });
  const token = String(first.body.tenant_access_token);
  service.advance(5_400_000);
  expect((await service.call('POST', TOKEN, PAIR)).body).toMatchObject({ tenant_access_token: token, expire: 1800 });
  service.advance(1);
  const second = await service.token();
  expect(second).not.toBe(token);
  expect(await withToken(token)).toMatchObject({ status: 200, body: { code: 0 } });
  expect(await withToken(second)).toMatchObject({ status: 200, body: { code: 0 } });
  service.advance(1_799_999);
  expect(await withToken(token)).toMatchObject({ status: 400, body: { code: 99991663 } });
  expect(await withToken(second)).toMatchObject({ status: 200, body: { code: 0 } });
});

test.each([
  ['a wrong secret', { ...PAIR, app_secret: '错' }, 10015, 'wrong app secret'],
  ['an unknown app', { ...PAIR, app_id: 'cli_0000000000000000' }, 10014, 'app unauthorized'],
  ['a missing secret', { app_id: PAIR.app_id }, 10003, 'invalid parameter'],
  ['no JSON', 'app_id=x', 10003, 'invalid parameter'],
])('%s gets no token, with HTTP 200', async (_name, body, code, msg) => {
  const answer = await service.call('POST', TOKEN, body);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ code, msg, error: { log_id: expect.any(String) } });
});

test.each([
  ['no header', {}, 400, 99991661],
  ['another scheme', { authorization: 'Basic x' }, 400, 99991661],
  ['a token of another form', { authorization: 'Bearer x' }, 400, 99991671],
  ['the token of a user', { authorization: 'Bearer u-1' }, 400, 99991668],
  ['an unknown token', { authorization: 'Bearer t-1' }, 400, 99991663],
])('a call with %s is refused', async (_name, headers, status, code) => {
  expect(await service.call('GET', CHATS, undefined, headers)).toMatchObject({ status, body: { code } });
});

test('an organisation may answer an invalid token with HTTP 200, which was seen too', async () => {
  const other = await startLark({ organisation: { ...ORGANISATION, invalidTokenStatus: 200 } });
  const answer = await other.call('GET', CHATS, undefined, { authorization: 'Bearer t-1' });
  expect(answer).toMatchObject({ status: 200, body: { code: 99991663 } });
  await other.close();
});

test('the official SDK gets its token, and fails with the vendor code for a wrong secret', async () => {
  expect(await service.client.im.chat.list({})).toMatchObject({ code: 0, data: { items: [{ name: 'it-ops' }] } });
  await expect(createClient(service.origin, 'wrong').im.chat.list({})).rejects.toThrow();
});

test('an unknown path is HTTP 404', async () => {
  expect(await service.api('GET', 'nothing')).toMatchObject({ status: 404, body: { code: 99991201 } });
  expect(await service.api('DELETE', CHATS)).toMatchObject({ status: 404, body: { code: 99991201 } });
});
