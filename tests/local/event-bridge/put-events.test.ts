import { createHmac } from 'node:crypto';
import { CreateEventBusRequest, CreateEventSourceRequest, CreateRuleRequest } from '@alicloud/eventbridge';
import { callHttp, type HttpAnswer } from '../../../shared/http/call.ts';
import {
  ACCOUNT_ID,
  cloudEvent,
  functionTarget,
  ROOT,
  STS,
  type Started,
  startEventBridge,
  stopAll,
} from './start-event-bridge.ts';

afterEach(stopAll);

/** A bus `approvals` with the source `dingtalk.approval` and a rule that takes every event. */
async function startWithBus(options: Parameters<typeof startEventBridge>[0] = {}): Promise<Started> {
  const started = await startEventBridge(options);
  await started.client.createEventBus(new CreateEventBusRequest({ eventBusName: 'approvals' }));
  await started.client.createEventSource(
    new CreateEventSourceRequest({ eventBusName: 'approvals', eventSourceName: 'dingtalk.approval' }),
  );
  await started.client.createRule(
    new CreateRuleRequest({
      eventBusName: 'approvals',
      ruleName: 'all',
      filterPattern: '{}',
      targets: [functionTarget()],
    }),
  );
  return started;
}

describe('publishing', () => {
  test('an event reaches the target with the attributes that the service adds', async () => {
    const { client, delivered, logged } = await startWithBus();
    const data = { request_id: 'dingtalk.abc', name: '张三 🚀', n: 1.5, none: null };
    const answer = await client.putEvents([cloudEvent({ subject: '入职 🎉' }, data)]);
    expect(answer.failedEntryCount).toBe(0);
    expect(answer.resourceOwnerAccountId).toBe(ACCOUNT_ID);
    expect(answer.entryList).toEqual([{ eventId: 'e-1', traceId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);

    const [{ body, context } = { body: undefined, context: undefined }] = await delivered(1);
    expect(body).toEqual({
      id: 'e-1',
      source: 'dingtalk.approval',
      specversion: '1.0',
      type: 'ProvisionRequest',
      datacontenttype: 'application/json; charset=utf-8',
      subject: '入职 🎉',
      time: '2026-11-24T01:48:07.000Z',
      data,
      aliyunaccountid: ACCOUNT_ID,
      aliyunoriginalaccountid: ACCOUNT_ID,
      aliyunpublishtime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      aliyuneventbusname: 'approvals',
      aliyunregionid: 'cn-hangzhou',
      aliyunpublishaddr: '127.0.0.1',
    });
    expect(context).toEqual({ bus: 'approvals', rule: 'all', targetId: 'fc', eventId: 'e-1' });
    const [received] = await logged('event received');
    const about = { bus: 'approvals', event_id: 'e-1', event_type: 'ProvisionRequest', request_id: 'dingtalk.abc' };
    expect(received?.fields).toEqual(about);
    const [matched] = await logged('rule matched');
    expect(matched?.fields).toEqual({ ...about, rule: 'all' });
    const [done] = await logged('event delivered');
    expect(done?.fields).toEqual({ ...about, rule: 'all', target: 'fc', attempt: 1 });
  });

  test('the answer does not wait for the delivery', async () => {
    const { client, logged, entries } = await startWithBus({ deliver: () => new Promise(() => {}) });
    expect((await client.putEvents([cloudEvent()])).failedEntryCount).toBe(0);
    await logged('rule matched');
    expect(entries.map(({ message }) => message)).toEqual(['event received', 'rule matched']);
  });

  test('attributes that only the service may set are overwritten', async () => {
    const { client, delivered } = await startWithBus();
    const extensions = { aliyuneventbusname: 'approvals', aliyunaccountid: '42', aliyunregionid: 'mars', mine: 'kept' };
    await client.putEvents([cloudEvent({ extensions })]);
    const [{ body } = { body: undefined }] = await delivered(1);
    expect(body).toMatchObject({ aliyunaccountid: ACCOUNT_ID, aliyunregionid: 'cn-hangzhou', mine: 'kept' });
  });

  test('a temporary key with its token may publish', async () => {
    const { connect } = await startWithBus();
    expect((await connect(STS).putEvents([cloudEvent()])).failedEntryCount).toBe(0);
  });

  test('one request can succeed in part', async () => {
    const { client, delivered } = await startWithBus();
    const answer = await client.putEvents([
      cloudEvent({ id: 'good-1' }),
      cloudEvent({ id: 'bad', source: 'nobody' }),
      cloudEvent({ id: 'good-2' }),
    ]);
    expect(answer.failedEntryCount).toBe(1);
    expect(answer.entryList).toMatchObject([
      { eventId: 'good-1' },
      { errorCode: 'EventSourceNotExist', errorMessage: 'The event source in request is not exist!' },
      { eventId: 'good-2' },
    ]);
    const ids = (await delivered(2)).map(({ context }) => context.eventId);
    expect(ids.sort()).toEqual(['good-1', 'good-2']);
  });

  test('the same source and id twice is delivered twice', async () => {
    const { client, delivered } = await startWithBus();
    await client.putEvents([cloudEvent()]);
    await client.putEvents([cloudEvent()]);
    expect(await delivered(2)).toHaveLength(2);
  });
});

const textOf = (length: number) => 'x'.repeat(length);
/** Data of exactly so many bytes of JSON. */
const dataOf = (bytes: number) => textOf(bytes - 2);
/** Everything in `cloudEvent()` that is counted, but its data: time 36, specversion 3, id 3, type 16, source 17, content type 31. */
const ENVELOPE_BYTES = 36 + 3 + 3 + 16 + 17 + 31;

describe('limits of one event', () => {
  test.each([
    ['an id of 128', { id: textOf(128) }],
    ['a type of 64', { type: textOf(64) }],
    ['a subject of 512', { subject: textOf(512) }],
    ['no time', { time: undefined }],
    ['a time with an offset', { time: '2020-11-19T21:04:41+08:00' }],
    ['a time with the name of a zone', { time: '2020-08-17T16:04:46.149Asia/Shanghai' }],
    ['another spelling of the content type', { datacontenttype: 'application/json;charset=UTF-8' }],
    ['data of 64 KB with the envelope', { data: Buffer.from(JSON.stringify(dataOf(65_536 - ENVELOPE_BYTES))) }],
  ])('%s is accepted', async (_, changes) => {
    const { client } = await startWithBus();
    const { failedEntryCount, entryList } = await client.putEvents([cloudEvent(changes)]);
    expect({ failedEntryCount, entryList }).toMatchObject({ failedEntryCount: 0 });
  });

  test.each([
    ['an id of 129', { id: textOf(129) }, 'EventIdEmpty'],
    ['an empty id', { id: '' }, 'EventIdEmpty'],
    ['an id with a dot', { id: 'a.b' }, 'EventIdEmpty'],
    ['a source of 129', { source: textOf(129) }, 'EventSourceInvalid'],
    ['a source of another service', { source: 'acs.ecs' }, 'EventSourceNotExist'],
    ['a type of 65', { type: textOf(65) }, 'EventTypeInvalid'],
    ['a subject of 513', { subject: textOf(513) }, 'EventSubjectInvalid'],
    ['another version', { specversion: '0.3' }, 'EventSpecversionInvalid'],
    ['another content type', { datacontenttype: 'text/plain' }, 'EventContentTypeInvalid'],
    ['a time that is none', { time: 'yesterday' }, 'EventInvalid'],
    [
      'an extension with a capital letter',
      { extensions: { aliyuneventbusname: 'approvals', requestId: 'x' } },
      'EventExtensionsAttributeInvalid',
    ],
    ['one byte over 64 KB', { data: Buffer.from(JSON.stringify(dataOf(65_537 - ENVELOPE_BYTES))) }, 'EventSizeExceed'],
    ['64 KB in bytes though not in characters', { data: Buffer.from(`"${'中'.repeat(21_846)}"`) }, 'EventSizeExceed'],
    ['data nested 101 levels deep', { data: Buffer.from(`${'['.repeat(101)}${']'.repeat(101)}`) }, 'EventInvalid'],
  ])('%s is refused in its entry', async (_, changes, errorCode) => {
    const { client } = await startWithBus();
    const answer = await client.putEvents([cloudEvent(changes)]);
    expect(answer).toMatchObject({ failedEntryCount: 1, entryList: [{ errorCode }] });
  });
});

describe('limits of one request', () => {
  test('data nested 50,000 levels deep, which the SDK cannot send, are refused in their entry', async () => {
    const { server } = await startWithBus();
    const event = JSON.stringify(plainEvent()).replace('"data":{}', `"data":${'['.repeat(5e4)}${']'.repeat(5e4)}`);
    const answer = await post(server.origin, { body: `[${event}]` });
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      FailedEntryCount: 1,
      EntryList: [{ ErrorCode: 'EventInvalid' }],
    });
  });

  const events = (count: number, changes: object = {}) =>
    Array.from({ length: count }, (_, index) => cloudEvent({ id: `e-${index}`, ...changes }));

  test.each([
    ['16 events', () => events(16)],
    ['262,144 bytes in all', () => events(4, { data: Buffer.from(JSON.stringify(dataOf(65_536 - ENVELOPE_BYTES))) })],
  ])('%s are accepted', async (_, batch) => {
    const { client } = await startWithBus();
    expect(await client.putEvents(batch())).toMatchObject({ failedEntryCount: 0 });
  });

  const onBus = (bus: string, id = 'e-1') => cloudEvent({ id, extensions: { aliyuneventbusname: bus } });
  test.each([
    ['17 events', () => events(17), 'EventCountExceed'],
    [
      'more than 262,144 bytes in all',
      () => [
        ...events(4, { data: Buffer.from(JSON.stringify(dataOf(65_536 - ENVELOPE_BYTES))) }),
        cloudEvent({ id: 'z' }),
      ],
      'EventSizeExceed',
    ],
    ['events for two buses', () => [onBus('approvals'), onBus('other')], 'PutEventsRequestMoreThanOneEventBus'],
    ['an event without a bus', () => [onBus('approvals'), cloudEvent({ extensions: {} })], 'EventBusEmpty'],
    ['no event', () => [], 'EventBusEmpty'],
    ['an unknown bus', () => [onBus('nowhere')], 'EventBusNotExist'],
    ['a bus named like an own property of objects', () => [onBus('constructor')], 'EventBusNotExist'],
    ['the default bus', () => [onBus('default')], 'AccessDenied'],
  ])('%s is refused as a whole', async (_, batch, code) => {
    const { client, entries } = await startWithBus();
    await expect(client.putEvents(batch())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`^${code}: \\[EventBridgeError-[0-9a-f-]{36}\\] `)),
    });
    expect(entries).toEqual([]);
  });
});

interface Signed {
  body?: string;
  headers?: Record<string, string | undefined>;
  secret?: string;
  scheme?: (key: string, signature: string) => string;
  path?: string;
  keyId?: string;
}

/** A request signed as the document describes, with what a test wants to be different. */
function post(origin: string, options: Signed = {}): Promise<HttpAnswer> {
  const path = options.path ?? '/openapi/putEvents';
  const all: Record<string, string | undefined> = {
    'content-type': 'application/cloudevents-batch+json;charset=UTF-8',
    date: new Date().toUTCString(),
    'x-acs-signature-method': 'HMAC-SHA1',
    'x-acs-signature-nonce': 'nonce',
    'x-acs-signature-version': '1.0',
    'x-eventbridge-version': '2020-04-01',
    ...options.headers,
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers[name] = value;
  const acs = Object.keys(headers)
    .filter((name) => name.startsWith('x-acs-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const text = `POST\n\n${headers['content-type'] ?? ''}\n${headers['date'] ?? ''}\n${acs.join('')}${path}`;
  const signature = createHmac('sha1', options.secret ?? ROOT.accessKeySecret)
    .update(text)
    .digest('base64');
  const scheme = options.scheme ?? ((key: string, value: string) => `acs ${key}:${value}`);
  headers['authorization'] ??= scheme(options.keyId ?? ROOT.accessKeyId, signature);
  const body = options.body ?? JSON.stringify([{ ...plainEvent() }]);
  return callHttp({ service: 'test', method: 'POST', url: `${origin}${path}`, headers, body });
}

function plainEvent(): object {
  return {
    id: 'e-1',
    source: 'dingtalk.approval',
    specversion: '1.0',
    type: 'ProvisionRequest',
    aliyuneventbusname: 'approvals',
    data: {},
  };
}

describe('signatures', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toUTCString();
  const sts = { keyId: STS.accessKeyId, secret: STS.accessKeySecret };
  const stsHeaders = { 'x-acs-accesskey-id': STS.accessKeyId, 'x-acs-security-token': STS.securityToken };

  test.each<[string, Signed]>([
    ['the spelling of the document', {}],
    ['the spelling of the SDK', { scheme: (key, signature) => `acs:${key}:${signature}` }],
    ['a date 14 minutes ago', { headers: { date: minutesAgo(14) } }],
    ['a date 14 minutes ahead', { headers: { date: minutesAgo(-14) } }],
    ['a temporary key with its token', { ...sts, headers: stsHeaders }],
    [
      'a single event',
      {
        headers: { 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify(plainEvent()),
      },
    ],
  ])('%s is accepted', async (_, options) => {
    const { server } = await startWithBus();
    const answer = await post(server.origin, options);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ FailedEntryCount: 0 });
  });

  test.each<[string, Signed, string]>([
    ['another secret', { secret: 'guess' }, 'SignatureDoesNotMatch'],
    ['an unknown key', { keyId: 'LTAI-nobody' }, 'InvalidAccessKeyId'],
    ['no signature', { scheme: () => '' }, 'InvalidAccessKeyId'],
    ['another scheme', { scheme: (key, signature) => `Bearer ${key}:${signature}` }, 'InvalidAccessKeyId'],
    ['a date 16 minutes ago', { headers: { date: minutesAgo(16) } }, 'SignatureDoesNotMatch'],
    ['a date 16 minutes ahead', { headers: { date: minutesAgo(-16) } }, 'SignatureDoesNotMatch'],
    ['no date', { headers: { date: undefined } }, 'SignatureDoesNotMatch'],
    ['another method', { headers: { 'x-acs-signature-method': 'HMAC-MD5' } }, 'SignatureDoesNotMatch'],
    ['no nonce', { headers: { 'x-acs-signature-nonce': undefined } }, 'SignatureDoesNotMatch'],
    ['a temporary key without its token', sts, 'SecurityTokenInvalid'],
    [
      'a temporary key with another token',
      { ...sts, headers: { ...stsHeaders, 'x-acs-security-token': 'old' } },
      'SecurityTokenInvalid',
    ],
    ['a lasting key with a token', { headers: stsHeaders }, 'SecurityTokenInvalid'],
    ['an unknown temporary key', { ...sts, keyId: 'STS.nobody', headers: stsHeaders }, 'InvalidStsAccessKeyId'],
    [
      'a token for another key',
      { ...sts, headers: { ...stsHeaders, 'x-acs-accesskey-id': ROOT.accessKeyId } },
      'InvalidStsAccessKeyId',
    ],
  ])('%s is refused with 403', async (_, options, code) => {
    const { server, entries } = await startWithBus();
    const answer = await post(server.origin, options);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body.toString())).toEqual({
      code,
      message: expect.any(String),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(entries).toEqual([]);
  });

  test.each([
    ['half a JSON text', '[{"id":', 409, 'JsonAttributeInvalid'],
    ['an empty body', '', 409, 'JsonAttributeInvalid'],
    ['an object where a batch is announced', '{}', 409, 'EventInvalid'],
    ['something that is no event', '[5]', 409, 'EventBusEmpty'],
    ['more than 2 MB', ' '.repeat(2 * 1024 * 1024 + 1), 400, 'EventSizeExceed'],
  ])('%s is refused', async (_, body, status, code) => {
    const { server } = await startWithBus();
    const answer = await post(server.origin, { body });
    expect({ status: answer.status, body: JSON.parse(answer.body.toString()) }).toMatchObject({
      status,
      body: { code },
    });
  });

  test.each([
    [
      'a content type without events',
      { headers: { 'content-type': 'application/json' } },
      409,
      'EventHTTPProtocolBindingInvalid',
    ],
    ['an unknown operation', { path: '/openapi/createEventStreaming' }, 404, 'InvalidAction.NotFound'],
    ['a path outside', { path: '/' }, 404, 'InvalidAction.NotFound'],
  ])('%s is refused', async (_, options, status, code) => {
    const { server } = await startWithBus();
    const answer = await post(server.origin, options);
    expect({ status: answer.status, body: JSON.parse(answer.body.toString()) }).toMatchObject({
      status,
      body: { code },
    });
  });
});
