import Client, { CloudEvent, Config, CreateEventBusRequest, CreateEventSourceRequest } from '@alicloud/eventbridge';
import fc from 'fast-check';
import { type HttpRequest, type HttpResponse, type RunningServer, serve } from '../../../local/http/server.ts';
import type { Credentials } from '../../../shared/alicloud/credentials.ts';
import { type CloudEventInput, createEventPublisher } from '../../../shared/alicloud/put-events.ts';
import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { callHttp } from '../../../shared/http/call.ts';
import { ROOT, STS, startEventBridge, stopAll } from '../../local/event-bridge/start-event-bridge.ts';

const servers: RunningServer[] = [];
afterEach(async () => {
  await stopAll();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(respond: (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>) {
  const server = await serve(respond);
  servers.push(server);
  return server;
}

const clock = { now: () => Date.UTC(2026, 10, 24, 1, 48, 7), sleep: async () => {} };
const accepted = {
  RequestId: 'r-1',
  ResourceOwnerAccountId: '1',
  FailedEntryCount: 0,
  EntryList: [{ EventId: 'e-1' }],
};

const event: CloudEventInput = {
  id: 'e-1',
  source: 'dingtalk.approval',
  type: 'ProvisionRequest',
  time: '2026-11-24T01:48:07.000Z',
  data: { request_id: 'dingtalk.abc' },
};

describe('on the wire', () => {
  interface Captured {
    path: string;
    signed: Record<string, unknown>;
    body: string;
  }

  /** Sends the same events with the unmodified SDK and with ours, at the date and nonce that the SDK has taken. */
  async function sendBoth(events: readonly CloudEventInput[], keys: Credentials): Promise<[Captured, Captured]> {
    const requests: HttpRequest[] = [];
    const server = await start(async (request) => {
      requests.push(request);
      return { status: 200, body: JSON.stringify(accepted) };
    });
    const sdk = new Client(new Config({ ...keys, endpoint: `127.0.0.1:${server.port}` }));
    await sdk.putEvents(events.map((input) => toSdkEvent('approvals', input)));
    const { date, 'x-acs-signature-nonce': nonce } = requests[0]?.headers ?? {};
    const publisher = createEventPublisher({
      endpoint: server.origin,
      credentials: () => keys,
      http: callHttp,
      clock: { ...clock, now: () => Date.parse(String(date)) },
      nonce: () => String(nonce),
    });
    await publisher.putEvents('approvals', events);
    const [theirs, ours] = requests.map(capture);
    if (!theirs || !ours) throw new Error('two requests were expected');
    return [theirs, ours];
  }

  function toSdkEvent(bus: string, { data, ...input }: CloudEventInput): CloudEvent {
    return new CloudEvent({
      ...input,
      extensions: { aliyuneventbusname: bus },
      data: Buffer.from(JSON.stringify(data)),
    });
  }

  function capture({ method, rawPath, rawQuery, headers, body }: HttpRequest): Captured {
    const names = Object.keys(headers).filter((name) => name.startsWith('x-'));
    const signed = ['authorization', 'accept', 'content-type', 'date', 'host', ...names].sort();
    return {
      path: `${method} ${rawPath}?${rawQuery}`,
      signed: Object.fromEntries(signed.map((name) => [name, headers[name]])),
      body: body.toString('utf8'),
    };
  }

  const token = { accessKeyId: 'STS.x', accessKeySecret: 'sts-secret', securityToken: 'CAIS+token/x==' };
  const data = { name: '张三 🚀', n: 1.0, big: 12_345_678_901_234_567_890n.toString(), none: null, list: [1, 'b', {}] };
  const batch = Array.from({ length: 16 }, (_, index) => ({ ...event, id: `e-${index}` }));
  test.each<[string, CloudEventInput[], Credentials]>([
    ['a lasting key', [event], ROOT],
    ['a temporary key', [event], token],
    ['中文 and an emoji, under a temporary key', [{ ...event, subject: '入职 🎉', data }], token],
    ['half an emoji', [{ ...event, data: '\ud83d' }], ROOT],
    ['data that are text', [{ ...event, data: 'plain "text"\u2028' }], ROOT],
    ['data that are empty', [{ ...event, data: '' }], ROOT],
    ['data that are null', [{ ...event, data: null }], ROOT],
    ['a batch', batch, token],
    ['no event', [], ROOT],
  ])('%s: body and signature are those of the SDK, byte for byte', async (_, events, keys) => {
    const { accessKeyId, accessKeySecret, securityToken } = keys;
    const plainKeys = { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) };
    const [theirs, ours] = await sendBoth(events, plainKeys);
    expect(ours).toEqual(theirs);
    expect(ours.path).toBe('POST /openapi/putEvents?');
    expect(ours.signed['authorization']).toMatch(/^acs:[^:]+:[A-Za-z0-9+/]{27}=$/);
    expect('x-acs-security-token' in ours.signed).toBe(securityToken !== undefined);
  });

  test('whatever JSON the data are, the bytes are those of the SDK', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const [theirs, ours] = await sendBoth([{ ...event, data: value }], token);
        expect(ours).toEqual(theirs);
        await Promise.all(servers.splice(0).map((server) => server.close()));
      }),
      { numRuns: 40 },
    );
  });
});

describe('answers', () => {
  const entries = (...codes: (string | undefined)[]) =>
    JSON.stringify({
      RequestId: 'r-1',
      FailedEntryCount: codes.filter((code) => code !== undefined).length,
      EntryList: codes.map((ErrorCode) => (ErrorCode ? { ErrorCode, ErrorMessage: 'no' } : { EventId: 'e' })),
    });
  const refused = (code: string) => JSON.stringify({ code, message: 'secret-token leaked', requestId: 'r-1' });

  async function publish(respond: Parameters<typeof start>[0], timeoutMs = 5_000): Promise<unknown> {
    const server = await start(respond);
    const publisher = createEventPublisher({
      endpoint: `${server.origin}/`,
      credentials: () => ROOT,
      http: (call) => callHttp({ ...call, timeoutMs }),
      clock,
      nonce: () => '0123456789abcdef0123456789abcdef',
    });
    return publisher.putEvents('approvals', [event]).catch((error: unknown) => error);
  }

  test.each([
    ['accepted', 200, JSON.stringify(accepted)],
    ['accepted without a list', 200, '{"RequestId":"r-1","FailedEntryCount":0}'],
    ['accepted with an empty error code', 200, '{"FailedEntryCount":0,"EntryList":[{"EventId":"e","ErrorCode":null}]}'],
  ])('%s', async (_, status, body) => {
    expect(await publish(async () => ({ status, body }))).toBeUndefined();
  });

  test.each([
    ['HTML with 200', 200, '<html>登录</html>', 'unreadable_answer'],
    ['HTML with 403, as of a proxy', 403, '<html>', 'unreadable_answer'],
    ['nothing', 200, '', 'unreadable_answer'],
    ['half an answer', 200, JSON.stringify(accepted).slice(0, 40), 'unreadable_answer'],
    ['another shape', 200, '{"FailedEntryCount":"many"}', 'unreadable_answer'],
    ['JSON that is no object', 200, '[]', 'unreadable_answer'],
    ['null', 200, 'null', 'unreadable_answer'],
    ['an object without the count', 200, '{"RequestId":"r-1"}', 'unreadable_answer'],
    ['a count without codes', 200, '{"FailedEntryCount":1,"EntryList":[{}]}', 'unreadable_answer'],
    ['a redirect', 302, '', 'unreadable_answer'],
    ['throttling with 429', 429, refused('TooManyRequests'), 'TooManyRequests'],
    ['throttling with 400', 400, refused('Throttling.User'), 'Throttling.User'],
    ['429 in any words', 429, 'slow down', 'unreadable_answer'],
    ['500', 500, refused('InternalError'), 'InternalError'],
    ['503 with a code that is permanent elsewhere', 503, refused('AccessDenied'), 'AccessDenied'],
    ['502 of a gateway', 502, '<html>', 'unreadable_answer'],
    ['an expired temporary key, which the runtime replaces', 403, refused('StsAccessIdExpired'), 'StsAccessIdExpired'],
    ['throttling inside 200', 200, refused('TooManyRequests'), 'TooManyRequests'],
    ['an entry that failed in passing', 200, entries(undefined, 'InternalError'), 'InternalError'],
    ['entries that failed in both ways', 200, entries('EventSourceNotExist', 'TooManyRequests'), 'TooManyRequests'],
  ])('%s is transient', async (_, status, body, code) => {
    const error = await publish(async () => ({ status, body }));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: `event-bridge.${code}` });
  });

  test.each([
    ['a bad signature', 403, refused('SignatureDoesNotMatch'), 'SignatureDoesNotMatch'],
    ['no permission', 403, refused('AccessDenied'), 'AccessDenied'],
    ['a missing bus', 409, refused('EventBusNotExist'), 'EventBusNotExist'],
    ['an error without a request id', 403, '{"code":"AccessDenied","requestId":null}', 'AccessDenied'],
    ['an error inside 200', 200, refused('AccessDenied'), 'AccessDenied'],
    ['an entry refused', 200, entries(undefined, 'EventSourceNotExist'), 'EventSourceNotExist'],
  ])('%s is permanent', async (_, status, body, code) => {
    const error = await publish(async () => ({ status, body }));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: `event-bridge.${code}` });
    expect(String(error)).toContain(`the bus approvals answered ${code} (HTTP ${status}`);
    expect(String(error)).not.toContain('secret-token');
  });

  test('an error code that is no code is not repeated', async () => {
    const error = await publish(async () => ({ status: 400, body: refused('<script>') }));
    expect(error).toMatchObject({ name: 'TransientError', code: 'event-bridge.unreadable_answer' });
    expect(String(error)).not.toContain('<script>');
  });

  test('no answer in time is transient', async () => {
    const error = await publish(() => new Promise(() => {}), 50);
    expect(error).toMatchObject({ name: 'TransientError', code: 'event-bridge.timeout' });
  });

  test('an answer without end is cut off and transient', async () => {
    const error = await publish(async () => ({ status: 200, body: ' '.repeat(1024 * 1024) }));
    expect(error).toMatchObject({ name: 'TransientError', code: 'event-bridge.answer_too_long' });
  });

  test('nobody at the endpoint is transient', async () => {
    const server = await start(async () => ({ status: 200 }));
    await server.close();
    const publisher = createEventPublisher({
      endpoint: server.origin,
      credentials: () => ROOT,
      http: callHttp,
      clock,
      nonce: () => 'n',
    });
    await expect(publisher.putEvents('approvals', [event])).rejects.toMatchObject({ code: 'event-bridge.unreachable' });
  });
});

describe('with the embedded event bridge', () => {
  test.each([
    ['a lasting key', ROOT],
    ['a temporary key', STS],
  ])('events signed with %s are accepted', async (_, keys) => {
    const { server, client } = await startEventBridge();
    await client.createEventBus(new CreateEventBusRequest({ eventBusName: 'approvals' }));
    await client.createEventSource(
      new CreateEventSourceRequest({ eventBusName: 'approvals', eventSourceName: 'dingtalk.approval' }),
    );
    const publisher = createEventPublisher({
      endpoint: server.origin,
      credentials: () => keys,
      http: callHttp,
      clock: { ...clock, now: Date.now },
      nonce: () => '0123456789abcdef0123456789abcdef',
    });
    await expect(publisher.putEvents('approvals', [event])).resolves.toBeUndefined();
    await expect(publisher.putEvents('approvals', [{ ...event, source: 'nobody' }])).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'event-bridge.EventSourceNotExist',
    });
    await expect(publisher.putEvents('nowhere', [event])).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'event-bridge.EventBusNotExist',
    });
  });
});
