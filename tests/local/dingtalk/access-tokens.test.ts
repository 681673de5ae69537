import { type Running, startDingtalk } from './start-dingtalk.ts';

let service: Running;
beforeEach(async () => {
  service = await startDingtalk();
});
afterEach(() => service.close());

const DETAIL = '/v1.0/workflow/processInstances?processInstanceId=x';

test('a token lives 7200 s, and asking again returns the same with a new life', async () => {
  const first = await service.token();
  service.advance(7_000_000);
  const second = await service.call('GET', '/gettoken?appkey=dingapp&appsecret=app-secret');
  expect(second.body).toMatchObject({ errcode: 0, errmsg: 'ok', access_token: first, expires_in: 7200 });
  service.advance(7_199_999);
  expect(await service.call('GET', DETAIL, undefined, { 'x-acs-dingtalk-access-token': first })).toMatchObject({
    body: { code: 'processInstanceNotExist' },
  });
  service.advance(1);
  expect(await service.call('GET', DETAIL, undefined, { 'x-acs-dingtalk-access-token': first })).toMatchObject({
    status: 400,
    body: { code: 'InvalidAuthentication' },
  });
  expect(await service.token()).not.toBe(first);
});

test.each([
  ['a wrong secret', { appKey: 'dingapp', appSecret: '错' }, 'invalidClientIdOrSecret'],
  ['an unknown app', { appKey: 'other', appSecret: 'app-secret' }, 'invalidClientIdOrSecret'],
  ['a missing secret', { appKey: 'dingapp' }, 'invalidClientIdOrSecret'],
  ['no body', undefined, 'Missingbody'],
])('%s gets no token', async (_name, body, code) => {
  const answer = await service.call('POST', '/v1.0/oauth2/accessToken', body);
  expect(answer).toEqual({ status: 400, body: { code, requestid: expect.any(String), message: expect.any(String) } });
});

test.each([
  ['/gettoken?appkey=dingapp&appsecret=x', 40096],
  ['/gettoken', 40035],
])('the old call %s answers HTTP 200 with errcode %i', async (path, errcode) => {
  expect(await service.call('GET', path)).toMatchObject({ status: 200, body: { errcode } });
});

test.each([
  ['no header', {}, 'AuthenticationFailed.MissingParameter'],
  ['an unknown token', { 'x-acs-dingtalk-access-token': 'nobody' }, 'InvalidAuthentication'],
])('the new API refuses %s', async (_name, headers, code) => {
  expect(await service.call('GET', DETAIL, undefined, headers)).toMatchObject({ status: 400, body: { code } });
});

test('the old API names an unknown token 40014 and an expired one 42001', async () => {
  const token = await service.token();
  const failed = (accessToken: string) =>
    service.call('GET', `/call_back/get_call_back_failed_result?access_token=${accessToken}`);
  expect(await failed(token)).toMatchObject({ status: 200, body: { errcode: 0 } });
  expect(await failed('nobody')).toMatchObject({ status: 200, body: { errcode: 40014 } });
  service.advance(7_200_000);
  expect(await failed(token)).toMatchObject({ status: 200, body: { errcode: 42001 } });
});

test('topapi calls wrap failures of the token in errcode 88 with a text sub_code', async () => {
  const answer = await service.call('POST', '/topapi/v2/user/get?access_token=nobody', { userid: 'u1' });
  expect(answer).toMatchObject({
    status: 200,
    body: { errcode: 88, sub_code: '40014', sub_msg: '不合法的access_token' },
  });
});

test.each([
  ['GET', '/v1.0/nothing', 404, { code: 'InvalidAction.NotFound' }],
  ['GET', '/nothing', 200, { errcode: 404 }],
  ['POST', '/topapi/nothing', 200, { errcode: 22 }],
  ['GET', '/robot/send', 200, { errcode: 43002 }],
  ['POST', '/gettoken', 200, { errcode: 43001 }],
] as const)('%s %s is unknown', async (method, path, status, body) => {
  expect(await service.call(method, path, method === 'POST' ? {} : undefined)).toMatchObject({ status, body });
});
