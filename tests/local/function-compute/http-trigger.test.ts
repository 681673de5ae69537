import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { buildSamples, eventually, ROOT_KEY, startCloud, type TestCloud } from './start-function-compute.ts';

const samples = buildSamples();
let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startCloud(samples);
  const base = {
    codeDirectory: samples.codeDirectory,
    handler: 'index.handler',
    runtime: 'nodejs20' as const,
    timeout: 10,
  };
  const web = (triggerConfig: object) => [
    {
      triggerName: 'web',
      triggerType: 'http' as const,
      triggerConfig: { methods: ['GET' as const, 'POST' as const], ...triggerConfig },
    },
  ];
  await cloud.fc.putFunction({ ...base, functionName: 'open', triggers: web({ authType: 'anonymous' }) });
  await cloud.fc.putFunction({ ...base, functionName: 'signed', triggers: web({}) });
  await cloud.fc.putFunction({
    ...base,
    functionName: 'shut',
    triggers: web({ authType: 'anonymous', disableURLInternet: true }),
  });
});
afterAll(async () => {
  await cloud.close();
  samples.remove();
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Plain HTTP, so that a test decides about every byte of path and headers. */
function call(
  functionName: string,
  options: { method?: string; path?: string; headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
): Promise<Answer> {
  const { method = 'POST', path = '/', headers = {}, body = '' } = options;
  const { hostname, port } = new URL(cloud.fc.httpTriggerUrl(functionName));
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      response
        .toArray()
        .then(
          (chunks) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          reject,
        );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The event the function got: the sample gives back what it is called with. */
async function eventOf(options: Parameters<typeof call>[1]) {
  return JSON.parse((await call('open', options)).body.toString());
}

/** A request body that makes the sample return this as its HTTP response. */
function returning(response: unknown): string {
  return JSON.stringify({ do: 'http', text: JSON.stringify(response) });
}

describe('the event', () => {
  test('has the shape of version v1', async () => {
    const event = await eventOf({
      path: '/hook%20a/%E9%92%89?q=1&q=2&%E5%90%8D=%E5%BC%A0',
      headers: { 'content-type': 'application/json', 'user-agent': 'ua', 'x-multi': ['a', 'b'] },
      body: '{"k":"你好 👋"}',
    });
    expect(event).toEqual({
      version: 'v1',
      rawPath: '/hook%20a/%E9%92%89',
      body: '{"k":"你好 👋"}',
      isBase64Encoded: false,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'ua',
        'X-Multi': 'a, b',
        'Content-Length': '19',
        Host: cloud.fc.httpTriggerUrl('open').replace('http://', ''),
      },
      queryParameters: { q: '1,2', 名: '张' },
      requestContext: {
        accountId: '1000000000000001',
        domainName: expect.stringMatching(/^open-id-\d+\.cn-hangzhou\.fcapp\.run$/),
        domainPrefix: expect.stringMatching(/^open-id-\d+$/),
        http: { method: 'POST', path: '/hook a/钉', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'ua' },
        requestId: expect.stringMatching(/^1-[0-9a-f]{8}-80000000-800000000000$/),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        timeEpoch: expect.stringMatching(/^\d{13}$/),
      },
    });
  });

  test.each([
    ['application/json', '{"a":"汉"}', '{"a":"汉"}', false],
    ['application/cloudevents+json; charset=utf-8', '{}', '{}', false],
    ['text/plain', '👋', '👋', false],
    ['application/x-www-form-urlencoded', 'a=b', 'a=b', false],
    ['application/octet-stream', 'abc', 'YWJj', true],
    ['image/png', Buffer.from([137, 80, 78, 71]), 'iVBORw==', true],
    ['text/plain', Buffer.from([0xff, 0xfe]), '//4=', true],
    [undefined, 'abc', 'abc', false],
    [undefined, Buffer.from([0xff]), '/w==', true],
  ])('of a body with content type %s', async (type, body, expected, isBase64Encoded) => {
    const event = await eventOf({ body, headers: type === undefined ? {} : { 'content-type': type } });
    expect(event).toMatchObject({ body: expected, isBase64Encoded });
  });

  test('leaves out what a client cannot send', async () => {
    const { headers } = await eventOf({ headers: { 'x-fc-retry-count': '3', 'keep-alive': '1', 'x-own': 'kept' } });
    expect(Object.keys(headers).sort()).toEqual(['Content-Length', 'Host', 'X-Own']);
  });

  test('spells header names in lower case where that is chosen', async () => {
    const lower = await startCloud({ ...samples, headerCase: 'lower' });
    try {
      await lower.fc.putFunction({
        functionName: 'open',
        codeDirectory: samples.codeDirectory,
        handler: 'index.handler',
        runtime: 'nodejs20',
        triggers: [
          { triggerName: 'web', triggerType: 'http', triggerConfig: { authType: 'anonymous', methods: ['GET'] } },
        ],
      });
      const answer = await fetch(lower.fc.httpTriggerUrl('open'), { headers: { 'X-Own': 'a' } });
      expect(JSON.parse(await answer.text()).headers).toMatchObject({ 'x-own': 'a' });
    } finally {
      await lower.close();
    }
  });
});

describe('the answer', () => {
  test.each([
    [
      'takes status, headers and body',
      { statusCode: 201, headers: { 'Content-Type': 'text/plain', 'X-Own': '1' }, body: '好的 👌' },
      { status: 201, body: '好的 👌', headers: { 'content-type': 'text/plain', 'x-own': '1' } },
    ],
    ['decodes a Base64 body', { statusCode: 200, isBase64Encoded: true, body: '5aW9' }, { status: 200, body: '好' }],
    ['may be empty', { statusCode: 204 }, { status: 204, body: '' }],
    [
      'is the result itself without a valid status code',
      { statusCode: '200', body: 'x' },
      { status: 200, body: '{"statusCode":"200","body":"x"}', headers: { 'content-type': 'application/json' } },
    ],
    [
      'is the result itself when the body is no text',
      { statusCode: 200, body: {} },
      { status: 200, body: '{"statusCode":200,"body":{}}' },
    ],
  ])('%s', async (_name, result, expected) => {
    const answer = await call('open', { body: returning(result) });
    expect({ ...answer, body: answer.body.toString() }).toMatchObject(expected);
  });

  test('keeps platform headers out of reach of the function', async () => {
    const headers = {
      'X-Fc-Request-Id': 'forged',
      Server: 'forged',
      'Content-Length': '1',
      'Content-Disposition': 'inline',
      'Keep-Alive': 'forged',
    };
    const answer = await call('open', { body: returning({ statusCode: 200, headers, body: 'whole' }) });
    expect(answer.body.toString()).toBe('whole');
    expect(answer.headers['x-fc-request-id']).toMatch(/^1-/);
    expect(answer.headers['content-disposition']).toBe('attachment');
    expect(answer.headers.server).toBeUndefined();
  });

  test.each([
    ['headers over 8 KB', { statusCode: 200, headers: { 'X-Long': 'x'.repeat(8187) } }, 502, 'BadResponse'],
    ['malformed headers', { statusCode: 200, headers: { 'X-Line': 'a\r\nb' } }, 502, 'BadResponse'],
  ])('is 502 for %s', async (_name, result, status, code) => {
    const answer = await call('open', { body: returning(result) });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ Code: code });
  });

  test('is 502 with the body of the function error', async () => {
    const answer = await call('open', { body: '{"do":"throw","text":"oops"}' });
    expect(answer.status).toBe(502);
    expect(answer.headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(JSON.parse(answer.body.toString())).toMatchObject({ errorMessage: 'oops', errorType: 'RangeError' });
  });

  test('is 202 for an asynchronous call, which runs later', async () => {
    const answer = await call('open', { headers: { 'x-fc-invocation-type': 'Async' }, path: '/later' });
    expect(answer).toMatchObject({ status: 202, body: Buffer.alloc(0) });
    await eventually(
      () => cloud.entries.some(({ fields }) => String(fields['text']).includes('"rawPath":"/later"')),
      'the event to be handled',
    );
  });
});

describe('a request is refused', () => {
  test.each([
    ['for a method that is not configured', 'open', { method: 'PUT' }, 403],
    ['where the public address is disabled', 'shut', {}, 403],
    ['for a path with query over 4 KB', 'open', { path: `/${'p'.repeat(4000)}?${'q'.repeat(95)}` }, 400],
    ['for headers over 8 KB', 'open', { headers: { 'x-long': 'x'.repeat(8192) } }, 400],
    ['for a path that is not UTF-8', 'open', { path: '/%ff' }, 400],
    ['for a body over 32 MB', 'open', { body: Buffer.alloc(32 * 1024 * 1024 + 1) }, 400],
    ['without a signature where one is asked for', 'signed', {}, 400],
  ])('%s', async (_name, functionName, options, status) => {
    const answer = await call(functionName, options);
    expect(answer.status).toBe(status);
    expect(answer.headers['x-fc-error-type']).toBe('FcCommonError');
    expect(JSON.parse(answer.body.toString())).toEqual({
      RequestId: answer.headers['x-fc-request-id'],
      Code: expect.any(String),
      Message: expect.any(String),
    });
  });

  test.each([
    ['a path with query of 4 KB', { path: `/${'p'.repeat(4000)}?${'q'.repeat(94)}` }],
    ['a binary body of 32 MB', { body: Buffer.alloc(32 * 1024 * 1024, 255) }],
  ])('but not %s', async (_name, options) => {
    expect((await call('open', options)).status).toBe(200);
  });
});

describe('with function authentication', () => {
  test.each([
    ['a signed request passes', ROOT_KEY.accessKeySecret, 200],
    ['a wrongly signed request is refused', 'other', 403],
  ])('%s', async (_name, secret, status) => {
    const host = new URL(cloud.fc.httpTriggerUrl('signed')).host;
    const headers: Record<string, string> = {
      host,
      'x-acs-content-sha256': createHash('sha256').update('hi').digest('hex'),
      'x-acs-date': new Date().toISOString().replace(/\.\d+Z/, 'Z'),
      'x-acs-signature-nonce': `nonce-${status}`,
    };
    const names = Object.keys(headers).sort();
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
    const canonical = `POST\n/hook\nq=1\n${lines}\n${names.join(';')}\n${headers['x-acs-content-sha256']}`;
    const digest = createHash('sha256').update(canonical).digest('hex');
    const signature = createHmac('sha256', secret).update(`ACS3-HMAC-SHA256\n${digest}`).digest('hex');
    const authorization = `ACS3-HMAC-SHA256 Credential=${ROOT_KEY.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
    const answer = await call('signed', { path: '/hook?q=1', headers: { ...headers, authorization }, body: 'hi' });
    expect(answer.status).toBe(status);
  });
});
