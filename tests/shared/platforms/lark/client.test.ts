import * as z from 'zod/mini';
import type { HttpResponse } from '../../../../local/http/server.ts';
import { PermanentError, TransientError } from '../../../../shared/errors.ts';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import { createLarkClient } from '../../../../shared/platforms/lark/client.ts';
import { BROKEN, serveRaw } from '../../http/raw-server.ts';
import {
  html,
  json,
  ok,
  outcomeOf,
  type Respond,
  refusal,
  type Scripted,
  startScripted,
  TOKEN_PATH,
} from './scripted-lark.ts';

let scripted: Scripted;
afterEach(() => scripted?.close());

const start = async (respond: Respond, token?: Respond) => {
  scripted = await startScripted(respond, token);
  return scripted;
};

const schema = z.object({ user: z.object({ name: z.string() }) });
const NAMED = { user: { name: '张三 🙂' } };
const call = ({ client }: Scripted) => client.call({ method: 'GET', path: '/open-apis/x' }, schema);
const text = (status: number, body: string): HttpResponse => ({ status, body });

describe('a call', () => {
  test('carries the token in its header and what it is given in path, query and body', async () => {
    const started = await start(() => ok(NAMED));
    const request = { path: '/open-apis/x/a%2Fb', query: { page_token: 'a/中 🙂&b=c+d' }, body: { 中: '🙂' } };
    expect(await started.client.call({ method: 'POST', ...request }, schema)).toEqual(NAMED);
    const [sent] = started.requests;
    expect(sent).toMatchObject({
      method: 'POST',
      rawPath: '/open-apis/x/a%2Fb',
      headers: { authorization: 'Bearer t-1', 'content-type': 'application/json; charset=utf-8' },
    });
    expect(sent?.query.get('page_token')).toBe('a/中 🙂&b=c+d');
    expect(sent?.body.toString()).toBe('{"中":"🙂"}');
  });

  test('has no body and no query where there are none', async () => {
    await call(await start(() => ok(NAMED)));
    expect(scripted.requests).toMatchObject([{ method: 'GET', rawQuery: '', body: Buffer.alloc(0) }]);
  });

  test('may be answered with the code as text', async () => {
    expect(await call(await start(() => json(200, { code: '0', data: NAMED })))).toEqual(NAMED);
  });

  test.each<[string, HttpResponse, string]>([
    ['the rate limit, as HTTP 429', refusal(429, 99991400), '99991400'],
    ['the rate limit, as some APIs have it', refusal(400, 99991400), '99991400'],
    ['the quota of the month', refusal(403, 99991403), '99991403'],
    ['the quota of the month, inside 200', refusal(200, 99991403), '99991403'],
    ['a fault of the platform', refusal(400, 1395001), '1395001'],
    ['any code with HTTP 500', refusal(500, 1390003), '1390003'],
    ['any code with HTTP 429', refusal(429, 1), '1'],
    ['HTTP 429 without a code', json(429, {}), 'http_429'],
    ['a time-out in the platform', html(504), 'http_504'],
    ['HTML with 403', html(403), 'http_403'],
    ['HTML with 400', html(400), 'http_400'],
    ['HTML with 200', html(200), 'bad_answer'],
    ['a redirect', html(302), 'http_302'],
    ['success with HTTP 400', json(400, { code: 0, data: NAMED }), 'http_400'],
    ['nothing', text(200, ''), 'bad_answer'],
    ['nothing with 400', text(400, ''), 'http_400'],
    ['half an answer', text(200, '{"code":0,"data":{"user"'), 'bad_answer'],
    ['success without data', json(200, { code: 0, msg: 'success' }), 'bad_answer'],
    ['data of another type', ok({ user: { name: 5 } }), 'bad_answer'],
    ['data that is a list', ok([NAMED]), 'bad_answer'],
    ['no code', json(200, { data: NAMED }), 'bad_answer'],
    ['a list', json(200, [{ code: 0, data: NAMED }]), 'bad_answer'],
    ['null', json(200, null), 'bad_answer'],
    ['an error that is null', json(400, null), 'http_400'],
    ['a code that is an object', refusal(400, { a: 1 }), 'http_400'],
    ['a code with a fraction', refusal(400, 1.5), 'http_400'],
    ['an empty code', refusal(400, ''), 'http_400'],
    ['a code that is none', refusal(400, '<script>\n'), 'http_400'],
    ['a code without end', refusal(400, '9'.repeat(5_000)), 'http_400'],
  ])('answered with %s is transient', async (_, response, code) => {
    const error = await outcomeOf(call(await start(() => response)));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: `lark.${code}` });
    expect(String(error)).not.toContain('secret');
    expect(scripted.requests).toHaveLength(1);
  });

  test.each<[number, number, string]>([
    [400, 1390001, 'a bad parameter'],
    [400, 1390002, 'no such definition'],
    [400, 1390003, 'no such instance'],
    [200, 1390003, 'no such instance, inside 200'],
    [400, 1390004, 'no such person'],
    [403, 1390009, 'no permission for this instance'],
    [400, 99991672, 'a scope that was not granted'],
    [200, 99991672, 'a scope that was not granted, inside 200'],
    [403, 99991401, 'an address that may not call'],
    [400, 99992361, 'an open id of another app'],
    [400, 41050, 'a person outside the app’s range'],
    [404, 7, 'a code that nobody knows'],
  ])('answered with %i %i, %s, is permanent', async (status, code) => {
    const error = await outcomeOf(call(await start(() => refusal(status, code))));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({
      code: `lark.${code}`,
      message: `Lark refused the call: code ${code} (HTTP ${status})`,
    });
    expect(scripted.requests).toHaveLength(1);
  });
});

describe('the token', () => {
  test('is asked for with the app’s id and secret', async () => {
    await call(await start(() => ok(NAMED)));
    expect(scripted.tokenRequests).toMatchObject([
      { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' } },
    ]);
    expect(scripted.tokenRequests[0]?.headers.authorization).toBeUndefined();
    expect(scripted.tokenRequests[0]?.body.toString()).toBe('{"app_id":"cli_1","app_secret":"app-secret"}');
  });

  test('serves all calls until ten minutes before its end', async () => {
    const started = await start(() => ok(NAMED));
    await call(started);
    started.advance(6_599_999);
    await call(started);
    expect(started.tokenRequests).toHaveLength(1);
    started.advance(1);
    await call(started);
    expect(started.tokenRequests).toHaveLength(2);
    expect(started.requests.at(-1)?.headers.authorization).toBe('Bearer t-2');
  });

  test.each<[number, number]>([
    [400, 99991663],
    [200, 99991663],
    [400, 99991661],
    [400, 99991664],
    [400, 99991668],
    [401, 99991671],
  ])('that is refused with %i %i is replaced, and the call repeated once', async (status, code) => {
    let calls = 0;
    const started = await start(() => {
      calls += 1;
      return calls === 1 ? refusal(status, code) : ok(NAMED);
    });
    expect(await call(started)).toEqual(NAMED);
    expect([started.requests.length, started.tokenRequests.length]).toEqual([2, 2]);
    await call(started);
    expect([started.requests.length, started.tokenRequests.length]).toEqual([3, 2]);
  });

  test('that is refused again and again ends the call as transient', async () => {
    const started = await start(() => refusal(400, 99991663));
    const error = await outcomeOf(call(started));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'lark.99991663' });
    expect([started.requests.length, started.tokenRequests.length]).toEqual([2, 2]);
  });

  test.each<[string, HttpResponse, string, string]>([
    ['a bad id', refusal(200, 10014), 'PermanentError', '10014'],
    ['a bad secret', refusal(200, 10015), 'PermanentError', '10015'],
    ['the rate limit', refusal(400, 99991400), 'TransientError', '99991400'],
    ['HTML', html(200), 'TransientError', 'bad_answer'],
    ['nothing', text(200, ''), 'TransientError', 'bad_answer'],
    [
      'a token of another type',
      json(200, { code: 0, tenant_access_token: 5, expire: 7200 }),
      'TransientError',
      'bad_answer',
    ],
    ['no life', json(200, { code: 0, tenant_access_token: 't' }), 'TransientError', 'bad_answer'],
    ['502', html(502), 'TransientError', 'http_502'],
  ])('refused with %s ends the call, and is asked for again by the next', async (_, response, name, code) => {
    let refused = true;
    const good = json(200, { code: 0, msg: 'ok', tenant_access_token: 'late', expire: 7200 });
    const started = await start(
      () => ok(NAMED),
      () => (refused ? response : good),
    );
    const error = await outcomeOf(call(started));
    expect(error).toMatchObject({ name, code: `lark.${code}` });
    expect(String(error)).not.toContain('secret');
    expect(started.requests).toHaveLength(0);
    refused = false;
    expect(await call(started)).toEqual(NAMED);
  });
});

describe('on the way', () => {
  test.each(Object.entries(BROKEN))('%s is transient', async (name, behaviour) => {
    const code = Object.keys(BROKEN).indexOf(name) >= Object.keys(BROKEN).length - 4 ? 'timeout' : 'unreachable';
    const { clock } = await start(() => ok(NAMED));
    const broken = await serveRaw(behaviour);
    const http = (request: HttpCall) =>
      request.url.endsWith(TOKEN_PATH)
        ? callHttp({ ...request, url: `${scripted.origin}${TOKEN_PATH}` })
        : callHttp({ ...request, timeoutMs: code === 'timeout' ? 60 : 5_000 });
    const client = createLarkClient({ appId: 'k', appSecret: 's', endpoint: broken.origin }, http, clock);
    const error = await outcomeOf(client.call({ method: 'POST', path: '/open-apis/x', body: {} }, schema));
    await broken.close();
    expect(error).toMatchObject({ name: 'TransientError', code: `lark.${code}` });
  });

  test('an answer of more than a megabyte is cut off', async () => {
    const error = await outcomeOf(call(await start(() => text(200, ' '.repeat(1_048_577)))));
    expect(error).toMatchObject({ name: 'TransientError', code: 'lark.answer_too_long' });
  });

  test('a signal ends the call for a token, and the call itself', async () => {
    for (const token of [undefined, () => new Promise<HttpResponse>(() => undefined)]) {
      const started = await start(() => new Promise(() => undefined), token);
      const abort = new AbortController();
      const calling = started.client.call({ method: 'GET', path: '/open-apis/x', signal: abort.signal }, schema);
      setImmediate(() => abort.abort());
      expect(await outcomeOf(calling)).toMatchObject({ name: 'TransientError', code: 'lark.unreachable' });
      await started.close();
    }
  });
});
