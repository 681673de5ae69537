import {
  CreateEventBusRequest,
  CreateEventSourceRequest,
  CreateRuleRequest,
  ListUserDefinedRequest,
  SourceHttpEventParameters,
} from '@alicloud/eventbridge';
import { ACCOUNT_ID, functionTarget, startEventBridge, stopAll, temporaryDirectory } from './start-event-bridge.ts';

afterEach(stopAll);

const SOURCE = { eventBusName: 'approvals', eventSourceName: 'company.flow' };
const POST_ONLY = { type: 'HTTPS', method: ['POST'], securityConfig: 'none' };

/** A bus with an HTTP event source, and a rule that hands its events on as they are. */
async function startSource(parameters: object = POST_ONLY, directory?: string) {
  const started = await startEventBridge(directory === undefined ? {} : { directory });
  const { client } = started;
  await client.createEventBus(new CreateEventBusRequest({ eventBusName: 'approvals' }));
  const sourceHttpEventParameters = new SourceHttpEventParameters(parameters);
  await client.createEventSource(new CreateEventSourceRequest({ ...SOURCE, sourceHttpEventParameters }));
  const filterPattern = JSON.stringify({ source: ['company.flow'], type: ['eventbridge:Events:HTTPEvent'] });
  const targets = [functionTarget()];
  const rule = { eventBusName: 'approvals', ruleName: 'http', filterPattern, status: 'ENABLE', targets };
  await client.createRule(new CreateRuleRequest(rule));
  return { ...started, url: await urlOf(client) };
}

async function urlOf(client: Awaited<ReturnType<typeof startEventBridge>>['client']): Promise<string> {
  const { eventSources } = await client.listUserDefinedEventSources(
    new ListUserDefinedRequest({ eventBusName: 'approvals' }),
  );
  return eventSources?.[0]?.sourceHttpEventResponse.publicWebHookUrl?.[0] ?? '';
}

const JSON_TYPE = { 'content-type': 'application/json' };
async function send(url: string, init: RequestInit) {
  const answer = await fetch(url, init);
  return { status: answer.status, body: await answer.json() };
}

test('what is posted becomes one event on the bus of the source, and the answer is that of PutEvents', async () => {
  const { url, delivered } = await startSource();
  const body = JSON.stringify({ processInstanceId: 'a', 标题: '入职 🚀' });
  const headers = { ...JSON_TYPE, authorization: 'Bearer x', cookie: 'a=b', 'x-flow': '1' };
  const answer = await send(`${url}&step=1&step=2`, { method: 'POST', headers, body });
  expect(answer).toMatchObject({ status: 200, body: { FailedEntryCount: 0, EntryList: [{}] } });
  const [{ body: event } = { body: undefined }] = await delivered(1);
  expect(event).toEqual({
    id: expect.any(String),
    source: 'company.flow',
    specversion: '1.0',
    type: 'eventbridge:Events:HTTPEvent',
    datacontenttype: 'application/json',
    subject: `acs:eventbridge:cn-hangzhou:${ACCOUNT_ID}:eventbus/approvals/eventsource/company.flow`,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$/),
    aliyunaccountid: ACCOUNT_ID,
    aliyunoriginalaccountid: ACCOUNT_ID,
    aliyunpublishtime: expect.any(String),
    aliyuneventbusname: 'approvals',
    aliyunregionid: 'cn-hangzhou',
    aliyunpublishaddr: '127.0.0.1',
    data: {
      headers: expect.objectContaining({ 'content-type': 'application/json', 'x-flow': '1' }),
      path: '/webhook/putEvents',
      body: { processInstanceId: 'a', 标题: '入职 🚀' },
      httpMethod: 'POST',
      queryString: { step: '1' },
    },
  });
  for (const secret of ['Bearer x', 'a=b', new URL(url).searchParams.get('token')])
    expect(JSON.stringify(event)).not.toContain(secret);
});

test.each([
  ['text/plain', '{"a":1}', '{"a":1}'],
  ['application/x-www-form-urlencoded', 'a=中文 🚀', 'a=中文 🚀'],
])('a body of %s stays a text', async (type, body, expected) => {
  const { url, delivered } = await startSource();
  await send(url, { method: 'POST', headers: { 'content-type': type }, body });
  expect(await delivered(1)).toMatchObject([{ body: { data: { body: expected } } }]);
});

test('a request without a body has the empty text', async () => {
  const { url, delivered } = await startSource({ ...POST_ONLY, method: ['GET'] });
  await send(`${url}&id=a`, { method: 'GET' });
  expect(await delivered(1)).toMatchObject([{ body: { data: { body: '', queryString: { id: 'a' } } } }]);
});

test.each<[string, object, (url: string) => string, RequestInit, boolean]>([
  ['with its token', {}, (url) => url, {}, true],
  ['with another token', {}, (url) => `${url}x`, {}, false],
  ['without a token', {}, (url) => url.replace(/\?.*/, ''), {}, false],
  ['with another method', {}, (url) => url, { method: 'PUT' }, false],
  ['from an address of the list', { securityConfig: 'ip', ip: ['127.0.0.0/24'] }, (url) => url, {}, true],
  ['from another address', { securityConfig: 'ip', ip: ['10.0.0.0/8'] }, (url) => url, {}, false],
  [
    'from a domain of the list',
    { securityConfig: 'referer', referer: ['flow.example.com'] },
    (url) => url,
    { headers: { ...JSON_TYPE, referer: 'https://flow.example.com/a' } },
    true,
  ],
  ['from no domain', { securityConfig: 'referer', referer: ['flow.example.com'] }, (url) => url, {}, false],
])('a request %s: taken %#', async (_, changes, urlFrom, init, isTaken) => {
  const { url } = await startSource({ ...POST_ONLY, ...changes });
  const answer = await send(urlFrom(url), { method: 'POST', headers: JSON_TYPE, body: '{}', ...init });
  expect(answer).toMatchObject(
    isTaken
      ? { status: 200, body: { FailedEntryCount: 0 } }
      : { status: 409, body: { code: 'PutEventsRequestSecurityCheckFailed' } },
  );
});

test.each([
  ['a list', '[1]'],
  ['a text', '"a"'],
  ['null', 'null'],
  ['no JSON', '{"a":'],
  ['one nested without end', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`],
])('JSON that is %s is refused', async (_, body) => {
  const { url } = await startSource();
  expect(await send(url, { method: 'POST', headers: JSON_TYPE, body })).toMatchObject({
    status: 409,
    body: { code: 'JsonAttributeInvalid' },
  });
});

test('what is larger than an event is refused in its entry', async () => {
  const { url } = await startSource();
  const body = JSON.stringify({ 大: '大'.repeat(22_000) });
  expect(await send(url, { method: 'POST', headers: JSON_TYPE, body })).toMatchObject({
    status: 200,
    body: { FailedEntryCount: 1, EntryList: [{ ErrorCode: 'EventSizeExceed' }] },
  });
});

test('the URL is the same after a restart', async () => {
  const directory = await temporaryDirectory();
  const first = await startSource(POST_ONLY, directory);
  await first.bridge.close();
  const { client } = await startEventBridge({ directory });
  const token = (url: string) => new URL(url).searchParams.get('token');
  expect(token(await urlOf(client))).toBe(token(first.url));
});

test.each([
  ['no method', { method: [] }],
  ['a method that is not emulated', { method: ['TRACE'] }],
  ['another protocol', { type: 'FTP' }],
  ['an address that is none', { securityConfig: 'ip', ip: ['10.0.0.0/33'] }],
  ['six addresses', { securityConfig: 'ip', ip: Array.from({ length: 6 }, () => '10.0.0.1') }],
])('a source with %s is refused', async (_, changes) => {
  await expect(startSource({ ...POST_ONLY, ...changes })).rejects.toMatchObject({ code: 'InvalidParameter' });
});
