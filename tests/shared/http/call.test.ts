import { createServer } from 'node:https';
import { type HttpRequest, type RunningServer, serve } from '../../../local/http/server.ts';
import { TransientError } from '../../../shared/errors.ts';
import { callHttp, type HttpCall } from '../../../shared/http/call.ts';
import { answer, BROKEN, type RawServer, serveRaw } from './raw-server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function started<T extends RunningServer | RawServer>(server: Promise<T>): Promise<T> {
  open.push(await server);
  return server;
}

const get = (url: string, options: Partial<HttpCall> = {}) =>
  callHttp({ service: 'oss', method: 'GET', url, ...options });

/** What a call fails with. */
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'an answer',
    (error) => error,
  );

async function expectTransient(call: Promise<unknown>, code: string, message: string | RegExp) {
  const error = await failure(call);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: `oss.${code}`, message: expect.stringMatching(message) });
}

describe('a request', () => {
  async function sent(call: Partial<HttpCall>): Promise<HttpRequest> {
    const requests: HttpRequest[] = [];
    const server = await started(
      serve(async (request) => {
        requests.push(request);
        return { status: 200 };
      }),
    );
    await get(`${server.origin}/a%20b?q=%E4%B8%AD&sign=a%2Bb%2F%3D`, call);
    const [request] = requests;
    if (!request) throw new Error('nothing was sent');
    return request;
  }

  test('keeps path and query as they are', async () => {
    expect(await sent({})).toMatchObject({
      method: 'GET',
      rawPath: '/a%20b',
      rawQuery: 'q=%E4%B8%AD&sign=a%2Bb%2F%3D',
    });
  });

  const BYTES = Buffer.from([0, 0xff, 0xfe, 0x0a]);
  test.each<[string, Partial<HttpCall>, string | undefined, Buffer]>([
    ['a text, in bytes of UTF-8', { method: 'POST', body: '入职 🙂' }, '11', Buffer.from('入职 🙂')],
    ['bytes as they are', { method: 'PUT', body: BYTES }, '4', BYTES],
    ['an empty text', { method: 'POST', body: '' }, '0', Buffer.alloc(0)],
    ['a megabyte', { method: 'PUT', body: Buffer.alloc(1_048_576, 7) }, '1048576', Buffer.alloc(1_048_576, 7)],
    ['no body with POST', { method: 'POST' }, '0', Buffer.alloc(0)],
    ['no body with GET', { method: 'GET' }, undefined, Buffer.alloc(0)],
    ['no body with DELETE', { method: 'DELETE' }, undefined, Buffer.alloc(0)],
  ])('carries %s', async (_, call, length, body) => {
    const request = await sent(call);
    expect(request.method).toBe(call.method);
    expect(request.headers['content-length']).toBe(length);
    expect(request.headers['transfer-encoding']).toBeUndefined();
    expect(request.body.equals(body)).toBe(true);
  });

  test('has the headers of the call and none of its own that a signature would miss', async () => {
    const { headers } = await sent({ method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
    const { host, ...rest } = headers;
    expect(host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(rest).toEqual({ 'content-type': 'application/json', 'content-length': '2', connection: 'keep-alive' });
  });
});

describe('an answer', () => {
  test.each([200, 204, 301, 304, 400, 403, 404, 429, 500, 503])('of status %i is an answer', async (status) => {
    const server = await started(serve(async () => ({ status, headers: { location: 'http://127.0.0.1:1/' } })));
    expect((await get(server.origin)).status).toBe(status);
  });

  test('keeps every byte, also where a character is cut in two', async () => {
    const [head, tail] = [Buffer.from([0xe5]), Buffer.from([0x85, 0xa5, 0, 0xff])];
    const server = await started(
      serveRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n');
        socket.write(head, () => socket.write(tail));
      }),
    );
    const { body } = await get(server.origin);
    expect([...body]).toEqual([0xe5, 0x85, 0xa5, 0, 0xff]);
  });

  test('has the names of its headers in lower case', async () => {
    const headers = 'X-Oss-Request-ID: r-1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n';
    const server = await started(serveRaw((socket) => socket.write(answer('', { headers }))));
    expect((await get(server.origin)).headers).toEqual({
      'x-oss-request-id': 'r-1',
      'set-cookie': ['a', 'b'],
      'content-length': '0',
    });
  });

  test('to HEAD has no body, whatever length it names', async () => {
    const server = await started(serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n')));
    const { body, headers } = await get(server.origin, { method: 'HEAD' });
    expect([body.length, headers['content-length']]).toEqual([0, '9']);
  });
});

describe('the time for an answer', () => {
  test.each(Object.entries(BROKEN).slice(-4))('is over with %s', async (_, behaviour) => {
    const server = await started(serveRaw(behaviour));
    await expectTransient(get(server.origin, { timeoutMs: 60 }), 'timeout', 'oss: no answer within 60 ms');
    await server.gone();
  });

  test('counts the TLS handshake too', async () => {
    const server = await started(serveRaw(() => undefined));
    const url = server.origin.replace('http:', 'https:');
    await expectTransient(get(url, { timeoutMs: 60 }), 'timeout', 'oss: no answer within 60 ms');
  });

  test('does not hurt a slow answer that ends within it', async () => {
    const server = await started(
      serveRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{');
        setTimeout(() => socket.write('}'), 40);
      }),
    );
    expect((await get(server.origin, { timeoutMs: 5_000 })).body.toString()).toBe('{}');
  });
});

test.each(Object.entries(BROKEN).slice(0, -4))('%s is transient', async (_, behaviour) => {
  const server = await started(serveRaw(behaviour));
  await expectTransient(get(server.origin), 'unreachable', /^oss: the connection failed \(\S+\)$/);
});

describe('an answer that is too long', () => {
  const LONG = 'the answer is longer than 6 bytes';
  const limited = (url: string) => get(url, { maxAnswerBytes: 6 });

  test('is one with a byte more than the limit, counted in bytes', async () => {
    const server = await started(serve(async ({ rawPath }) => ({ status: 200, body: decodeURI(rawPath).slice(1) })));
    expect((await limited(`${server.origin}/入职`)).body.toString()).toBe('入职');
    await expectTransient(limited(`${server.origin}/入职!`), 'answer_too_long', LONG);
  });

  test('is cut off at once and the connection closed', async () => {
    const server = await started(
      serveRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const flood = () => {
          while (!socket.destroyed && socket.write(`ffff\r\n${' '.repeat(0xffff)}\r\n`));
          if (!socket.destroyed) socket.once('drain', flood);
        };
        flood();
      }),
    );
    await expectTransient(get(server.origin), 'answer_too_long', 'the answer is longer than 1048576 bytes');
    await server.gone();
  });

  test('may also be an error page', async () => {
    const server = await started(serve(async () => ({ status: 502, body: '<html></html>' })));
    await expectTransient(limited(server.origin), 'answer_too_long', LONG);
  });
});

describe('a signal', () => {
  test('that is aborted already means that nothing is sent', async () => {
    const server = await started(serveRaw((socket) => socket.write(answer('{}'))));
    await expectTransient(get(server.origin, { signal: AbortSignal.abort() }), 'unreachable', 'ABORT_ERR');
    expect(server.requests).toEqual([]);
  });

  test.each(Object.entries(BROKEN).slice(-4))('ends a call with %s', async (_, behaviour) => {
    const abort = new AbortController();
    const server = await started(
      serveRaw((socket, request) => {
        behaviour(socket, request);
        setTimeout(() => abort.abort(), 20);
      }),
    );
    await expectTransient(get(server.origin, { signal: abort.signal }), 'unreachable', 'ABORT_ERR');
    await server.gone();
  });

  test('that is aborted after the answer changes nothing', async () => {
    const abort = new AbortController();
    const server = await started(serveRaw((socket) => socket.write(answer('{}'))));
    const { status } = await get(server.origin, { signal: abort.signal });
    abort.abort();
    expect([status, (await get(server.origin)).status]).toEqual([200, 200]);
  });
});

describe('a connection', () => {
  test('is kept for the next call', async () => {
    const server = await started(serveRaw((socket) => socket.write(answer('{}'))));
    for (let call = 0; call < 3; call += 1) expect((await get(server.origin)).status).toBe(200);
    expect([server.connections(), server.requests.length]).toEqual([1, 3]);
  });

  test('is not kept after a call that failed', async () => {
    let call = 0;
    const server = await started(
      serveRaw((socket) => {
        call += 1;
        socket.write(call === 1 ? 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{' : answer('{}'));
      }),
    );
    await expectTransient(get(server.origin, { timeoutMs: 60 }), 'timeout', 'no answer');
    expect((await get(server.origin)).body.toString()).toBe('{}');
    expect(server.connections()).toBe(2);
  });

  test('is made anew after the server was restarted', async () => {
    const first = await serve(async () => ({ status: 200, body: 'first' }));
    expect((await get(first.origin)).body.toString()).toBe('first');
    await first.close();
    await expectTransient(get(first.origin), 'unreachable', 'the connection failed');
    await started(serve(async () => ({ status: 200, body: 'second' }), { port: first.port }));
    expect((await get(first.origin)).body.toString()).toBe('second');
  });

  // The request may have been carried out, so it is the caller's to repeat it, under the same idempotency key.
  test('that is closed as the next call uses it makes that call fail as transient, and no other', async () => {
    let call = 0;
    const server = await started(
      serveRaw((socket) => {
        call += 1;
        if (call === 2) socket.destroy();
        else socket.write(answer('{}'));
      }),
    );
    expect((await get(server.origin)).status).toBe(200);
    await expectTransient(get(server.origin), 'unreachable', /ECONNRESET|EPIPE/);
    expect((await get(server.origin)).status).toBe(200);
    expect(call).toBe(3);
  });
});

describe('nobody at the address', () => {
  test.each(['http', 'https'])('of %s is transient, and the message holds nothing of the URL', async (protocol) => {
    const server = await serve(async () => ({ status: 200 }));
    await server.close();
    const url = `${protocol}://127.0.0.1:${server.port}/robot/send?access_token=secret`;
    await expectTransient(get(url), 'unreachable', /^oss: the connection failed \(ECONNREFUSED\)$/);
  });

  test('who speaks TLS is transient', async () => {
    const server = await started(serve(async () => ({ status: 200 })));
    await expectTransient(
      get(server.origin.replace('http:', 'https:')),
      'unreachable',
      /EPROTO|ECONNRESET|WRONG_VERSION/,
    );
  });

  test('with a certificate is transient', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expectTransient(get(`https://127.0.0.1:${port}`), 'unreachable', 'the connection failed');
  });
});

test('a URL that is none is no failure of the service', async () => {
  expect(await failure(get('oss.example/without-protocol'))).toMatchObject({
    name: 'TypeError',
    code: 'ERR_INVALID_URL',
  });
});
