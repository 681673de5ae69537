import * as z from 'zod/mini';
import type { HttpResponse } from '../../../../local/http/server.ts';
import { PermanentError, TransientError } from '../../../../shared/errors.ts';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import { createDingtalkClient } from '../../../../shared/platforms/dingtalk/client.ts';
import { BROKEN, serveRaw } from '../../http/raw-server.ts';
import { json, outcomeOf, type Respond, type Scripted, startScripted } from './scripted-dingtalk.ts';

let scripted: Scripted;
afterEach(() => scripted?.close());

const start = async (respond: Respond, token?: Respond) => {
  scripted = await startScripted(respond, token);
  return scripted;
};

const schema = z.object({ result: z.object({ name: z.string() }) });
const NAMED = { result: { name: '张三 🙂' }, errcode: 0, errmsg: 'ok' };
const call = ({ client }: Scripted) => client.call({ method: 'GET', path: '/v1.0/x' }, schema);
const callOld = ({ client }: Scripted) => client.callOld('/topapi/x', { userid: 'u1' }, schema);

const html = (status: number): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html>登录',
});
const text = (status: number, body: string): HttpResponse => ({ status, body });
/** The shape of every error of the new API. */
const refusal = (status: number, code: unknown) => json(status, { code, requestid: 'r-1', message: '出错了 secret' });
/** The shape of every error of the old one, with HTTP 200. */
const errcode = (code: unknown, more: object = {}) => json(200, { errcode: code, errmsg: '出错了 secret', ...more });

describe('a call of the new API', () => {
  test('carries the token in its header and what it is given in path, query and body', async () => {
    const started = await start(() => json(200, NAMED));
    const request = { path: '/v1.0/workflow', query: { processInstanceId: 'a/中 🙂&b=c+d' }, body: { 中: '🙂' } };
    expect(await started.client.call({ method: 'POST', ...request }, schema)).toEqual({ result: { name: '张三 🙂' } });
    const [sent] = started.requests;
    expect(sent).toMatchObject({
      method: 'POST',
      rawPath: '/v1.0/workflow',
      headers: { 'x-acs-dingtalk-access-token': 'token-1', 'content-type': 'application/json' },
    });
    expect(sent?.query.get('processInstanceId')).toBe('a/中 🙂&b=c+d');
    expect(sent?.body.toString()).toBe('{"中":"🙂"}');
  });

  test('has no body and no query where there are none', async () => {
    const started = await start(() => json(200, NAMED));
    await call(started);
    expect(started.requests).toMatchObject([{ method: 'GET', rawQuery: '', body: Buffer.alloc(0) }]);
  });

  test.each<[string, HttpResponse, string]>([
    [
      'throttling of the app, which is HTTP 403',
      refusal(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'),
      'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
    ],
    [
      'throttling of the API',
      refusal(403, 'Forbidden.AccessDenied.QpsLimitForApi'),
      'Forbidden.AccessDenied.QpsLimitForApi',
    ],
    [
      'throttling by the minute',
      refusal(403, 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi'),
      'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi',
    ],
    [
      'the quota of the month',
      refusal(403, 'Forbidden.AccessDenied.ApiCountLimitForOrg'),
      'Forbidden.AccessDenied.ApiCountLimitForOrg',
    ],
    ['a fault of the platform', refusal(500, 'systemError'), 'systemError'],
    ['a fault of the platform under another status', refusal(400, 'systemError'), 'systemError'],
    ['an unknown fault of the platform', refusal(500, 'unknownError'), 'unknownError'],
    [
      'a code that is permanent elsewhere, with HTTP 503',
      refusal(503, 'processInstanceNotExist'),
      'processInstanceNotExist',
    ],
    ['HTTP 429', refusal(429, 'slow.down'), 'slow.down'],
    ['a time-out in the platform', html(504), 'http_504'],
    ['HTML with 403, as of a banned address', html(403), 'http_403'],
    ['HTML with 400', html(400), 'http_400'],
    ['HTML with 200', html(200), 'bad_answer'],
    ['a redirect', html(302), 'http_302'],
    ['a ban by address', json(200, { status: 1111, wait: 5, source: 'x5', punish: 'deny' }), 'bad_answer'],
    ['nothing', text(200, ''), 'bad_answer'],
    ['nothing with 400', text(400, ''), 'http_400'],
    ['half an answer', text(200, JSON.stringify(NAMED).slice(0, -9)), 'bad_answer'],
    ['half an error', text(400, '{"code":"processInst'), 'http_400'],
    ['an error inside 200', refusal(200, 'processInstanceNotExist'), 'bad_answer'],
    ['another type inside', json(200, { result: { name: 5 } }), 'bad_answer'],
    ['a list', json(200, [NAMED]), 'bad_answer'],
    ['null', json(200, null), 'bad_answer'],
    ['an error that is null', json(400, null), 'http_400'],
    ['a code that is a number', refusal(400, 40035), 'http_400'],
    ['a code that is an object', refusal(400, { a: 1 }), 'http_400'],
    ['an empty code', refusal(400, ''), 'http_400'],
    ['a code that is none', refusal(400, '<script>\n'), 'http_400'],
    ['a code without end', refusal(400, 'x'.repeat(5_000)), 'http_400'],
  ])('answered with %s is transient', async (_, response, code) => {
    const error = await outcomeOf(call(await start(() => response)));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: `dingtalk.${code}` });
    expect(String(error)).not.toContain('secret');
    expect(scripted.requests).toHaveLength(1);
  });

  test.each<[number, string]>([
    [400, 'processInstanceNotExist'],
    [400, 'processInstanceIdError'],
    [400, 'processCodeError'],
    [400, 'invalidParameter'],
    [400, 'needAuth'],
    [400, 'AuthenticationFailed.MissingParameter'],
    [403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied'],
    [403, 'Forbidden.AccessDenied.IpNotInWhiteList'],
    [404, 'InvalidAction.NotFound'],
  ])('answered with %i %s is permanent', async (status, code) => {
    const error = await outcomeOf(call(await start(() => refusal(status, code))));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({
      code: `dingtalk.${code}`,
      message: `DingTalk refused the call: ${code} (HTTP ${status})`,
    });
    expect(scripted.requests).toHaveLength(1);
  });
});

describe('a call of the old API', () => {
  test('carries the token in its query and its body as JSON', async () => {
    const started = await start(
      () => json(200, NAMED),
      () => json(200, { accessToken: 'a+b/c=&d', expireIn: 7200 }),
    );
    expect(await callOld(started)).toEqual({ result: { name: '张三 🙂' } });
    expect(started.requests).toMatchObject([
      { method: 'POST', rawPath: '/topapi/x', rawQuery: 'access_token=a%2Bb%2Fc%3D%26d' },
    ]);
    expect(started.requests[0]?.body.toString()).toBe('{"userid":"u1"}');
  });

  test('counts as done with the text "0" too, as the documentation shows', async () => {
    expect(await callOld(await start(() => json(200, { ...NAMED, errcode: '0' })))).toEqual({
      result: { name: '张三 🙂' },
    });
  });

  test.each<[string, HttpResponse, string]>([
    ['-1, busy', errcode(-1), '-1'],
    ['15, a time-out in the platform', errcode(15, { sub_code: 'isp.top-remote-connection-timeout' }), '15'],
    ['88 without a code behind it, a time-out in the platform', errcode(88), '88'],
    ['88 with an empty code behind it', errcode(88, { sub_code: '' }), '88'],
    ['88 with null behind it', errcode(88, { sub_code: null }), '88'],
    ['88 and a throttling behind it', errcode(88, { sub_code: '90018' }), '90018'],
    ['90002, throttling of the API', errcode(90002), '90002'],
    ['90018, throttling of the app', errcode(90018), '90018'],
    ['90018 as a text', errcode('90018'), '90018'],
    ['90020, the quota of the month', errcode(90020), '90020'],
    ['90030, the webhook quota of the month', errcode(90030), '90030'],
    ['130101, too fast', errcode(130101), '130101'],
    ['410100, too fast', errcode(410100), '410100'],
    ['a ban by address', json(200, { status: 1111, wait: 5, source: 'x5', punish: 'deny' }), '1111'],
    ['success without its result', json(200, { errcode: 0, errmsg: 'ok' }), 'bad_answer'],
    ['success of another type', json(200, { errcode: 0, result: { name: null } }), 'bad_answer'],
    ['no errcode', json(200, { result: { name: 'x' } }), 'bad_answer'],
    ['an errcode that is null', errcode(null), 'bad_answer'],
    ['an errcode that is a list', errcode([0]), 'bad_answer'],
    ['HTML', html(200), 'bad_answer'],
    ['HTML with 502', html(502), 'bad_answer'],
    ['nothing', text(200, ''), 'bad_answer'],
    ['half an answer', text(200, '{"errcode":'), 'bad_answer'],
    ['null', json(200, null), 'bad_answer'],
  ])('answered with %s is transient', async (_, response, code) => {
    const error = await outcomeOf(callOld(await start(() => response)));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: `dingtalk.${code}` });
    expect(String(error)).not.toContain('secret');
  });

  test.each<[string, HttpResponse, string]>([
    ['33012, a bad user id', errcode(33012), '33012'],
    ['60121, no such user', errcode(60121), '60121'],
    ['50002, outside the app’s scope', errcode('50002'), '50002'],
    ['88 and a missing permission behind it', errcode(88, { sub_code: '60011' }), '60011'],
    ['88 and a number behind it', errcode(88, { sub_code: 60011 }), '60011'],
    ['400002, an invalid parameter', errcode(400002), '400002'],
  ])('answered with %s is permanent', async (_, response, code) => {
    const error = await outcomeOf(callOld(await start(() => response)));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({
      code: `dingtalk.${code}`,
      message: `DingTalk refused the call: errcode ${code} (HTTP 200)`,
    });
  });
});

describe('the token', () => {
  const withBoth = () => start(() => json(200, NAMED));

  test('is asked for with the app’s key and secret', async () => {
    await call(await withBoth());
    expect(scripted.tokenRequests).toMatchObject([{ method: 'POST', headers: { 'content-type': 'application/json' } }]);
    expect(scripted.tokenRequests[0]?.body.toString()).toBe('{"appKey":"dingapp","appSecret":"app-secret"}');
  });

  test('serves both hosts and all calls until ten minutes before its end', async () => {
    const started = await withBoth();
    await call(started);
    await callOld(started);
    started.advance(6_599_999);
    await call(started);
    expect(started.tokenRequests).toHaveLength(1);
    started.advance(1);
    await call(started);
    await callOld(started);
    expect(started.tokenRequests).toHaveLength(2);
    expect(started.requests.at(-2)?.headers['x-acs-dingtalk-access-token']).toBe('token-2');
    expect(started.requests.at(-1)?.rawQuery).toBe('access_token=token-2');
  });

  const stale = refusal(400, 'InvalidAuthentication');
  test.each<[string, typeof call, HttpResponse]>([
    ['400 InvalidAuthentication', call, stale],
    ['errcode 40014', callOld, errcode(40014)],
    ['errcode 42001', callOld, errcode(42001)],
    ['errcode 42001 as a text', callOld, errcode('42001')],
    ['88 with 40014 behind it', callOld, errcode(88, { sub_code: '40014' })],
    ['88 with 42001 behind it', callOld, errcode(88, { sub_code: '42001' })],
  ])('that is refused with %s is replaced, and the call repeated once', async (_, run, refused) => {
    let calls = 0;
    const started = await start(() => {
      calls += 1;
      return calls === 1 ? refused : json(200, NAMED);
    });
    expect(await run(started)).toEqual({ result: { name: '张三 🙂' } });
    expect([started.requests.length, started.tokenRequests.length]).toEqual([2, 2]);
    await run(started);
    expect([started.requests.length, started.tokenRequests.length]).toEqual([3, 2]);
  });

  test.each<[string, typeof call, HttpResponse]>([
    ['the new API', call, stale],
    ['the old API', callOld, errcode(88, { sub_code: '40014' })],
  ])('that is refused again and again by %s ends the call as transient', async (_, run, refused) => {
    const started = await start(() => refused);
    const error = await outcomeOf(run(started));
    expect(error).toBeInstanceOf(TransientError);
    expect([started.requests.length, started.tokenRequests.length]).toEqual([2, 2]);
  });

  test.each<[string, HttpResponse, string, string]>([
    ['a wrong pair', refusal(400, 'invalidClientIdOrSecret'), 'PermanentError', 'invalidClientIdOrSecret'],
    [
      'throttling',
      refusal(403, 'Forbidden.AccessDenied.QpsLimitForApi'),
      'TransientError',
      'Forbidden.AccessDenied.QpsLimitForApi',
    ],
    ['HTML', html(200), 'TransientError', 'bad_answer'],
    ['nothing', text(200, ''), 'TransientError', 'bad_answer'],
    ['a token of another type', json(200, { accessToken: 5, expireIn: 7200 }), 'TransientError', 'bad_answer'],
    ['no life', json(200, { accessToken: 't' }), 'TransientError', 'bad_answer'],
    ['502', html(502), 'TransientError', 'http_502'],
  ])('refused with %s ends the call, and is asked for again by the next', async (_, response, name, code) => {
    let refused = true;
    const started = await start(
      () => json(200, NAMED),
      () => (refused ? response : json(200, { accessToken: 'late', expireIn: 7200 })),
    );
    const error = await outcomeOf(call(started));
    expect(error).toMatchObject({ name, code: `dingtalk.${code}` });
    expect(String(error)).not.toContain('app-secret');
    expect(started.requests).toHaveLength(0);
    refused = false;
    expect(await callOld(started)).toEqual({ result: { name: '张三 🙂' } });
  });
});

describe('on the way', () => {
  test.each(Object.entries(BROKEN))('%s is transient for both APIs', async (name, behaviour) => {
    const code = Object.keys(BROKEN).indexOf(name) >= Object.keys(BROKEN).length - 4 ? 'timeout' : 'unreachable';
    const { clock } = await start(() => json(200, NAMED));
    const broken = await serveRaw(behaviour);
    const endpoints = { apiEndpoint: broken.origin, oapiEndpoint: broken.origin };
    const http = (request: HttpCall) =>
      request.url.endsWith('/oauth2/accessToken')
        ? callHttp({ ...request, url: `${scripted.origin}/v1.0/oauth2/accessToken` })
        : callHttp({ ...request, timeoutMs: code === 'timeout' ? 60 : 5_000 });
    const client = createDingtalkClient({ appKey: 'k', appSecret: 's', ...endpoints }, http, clock);
    const errors = await Promise.all([
      outcomeOf(client.call({ method: 'POST', path: '/v1.0/x', body: {} }, schema)),
      outcomeOf(client.callOld('/topapi/x', {}, schema)),
    ]);
    await broken.close();
    for (const error of errors) expect(error).toMatchObject({ name: 'TransientError', code: `dingtalk.${code}` });
  });

  test.each([
    ['new', call],
    ['old', callOld],
  ])('an answer of more than a megabyte from the %s API is cut off', async (_, run) => {
    const error = await outcomeOf(run(await start(() => text(200, ' '.repeat(1_048_577)))));
    expect(error).toMatchObject({ name: 'TransientError', code: 'dingtalk.answer_too_long' });
  });

  test('a signal ends the call for a token, and the call itself', async () => {
    for (const token of [undefined, () => new Promise<HttpResponse>(() => undefined)]) {
      const started = await start(() => new Promise(() => undefined), token);
      const abort = new AbortController();
      const call = outcomeOf(started.client.call({ method: 'GET', path: '/v1.0/x', signal: abort.signal }, schema));
      const old = outcomeOf(started.client.callOld('/topapi/x', {}, schema, abort.signal));
      setImmediate(() => abort.abort());
      for (const error of [await call, await old])
        expect(error).toMatchObject({ name: 'TransientError', code: 'dingtalk.unreachable' });
      await started.close();
    }
  });
});
