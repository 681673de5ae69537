import { signCallback } from '../../../local/dingtalk/callback-crypto.ts';
import { ConnectionCut, type HttpRequest, type HttpResponse } from '../../../local/http/server.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { good, type Reply, type Subscribed, startSubscribed, TOKEN, until } from './subscribe-receiver.ts';

let running: Subscribed;
beforeEach(async () => {
  running = await startSubscribed(createSystemClock({ speed: 500, origin: Date.now() }));
});
afterEach(() => running.close());

test.each([
  ['padded to 16 bytes', good({ paddingBlockBytes: 16 })],
  ['with a number as time', good({ timeStamp: 1767323045678 })],
  ['with wrapped Base64', (request: HttpRequest) => wrapped(good()(request) as HttpResponse)],
])('an answer %s is accepted', async (_name, reply) => {
  const { service, receiver, logged } = running;
  receiver.replies = [reply];
  await service.createInstance();
  const answered = await until(() => logged('callback answered')[0]);
  expect(answered.fields).toMatchObject({ type: 'start', attempt: 1 });
});

/** What the Python library sends: Base64 with line breaks, which the signature covers. */
function wrapped(response: HttpResponse): HttpResponse {
  const reply = JSON.parse(String(response.body));
  const encrypt = reply.encrypt.replace(/.{40}/g, '$&\n');
  const msg_signature = signCallback({ token: TOKEN, timestamp: reply.timeStamp, nonce: reply.nonce, encrypt });
  return { status: 200, body: JSON.stringify({ ...reply, encrypt, msg_signature }) };
}

test.each([
  ['HTTP 500', () => ({ status: 500, body: '{}' }), 'HTTP status 500'],
  ['a redirect', () => ({ status: 302, headers: { location: '/' } }), 'HTTP status 302'],
  ['plain text', () => ({ status: 200, body: 'success' }), 'is not JSON'],
  ['another field', () => ({ status: 200, body: '{"encrypt":"x"}' }), 'is not JSON'],
  ['another word', good({ message: 'SUCCESS' }), 'is not "success"'],
  ['a wrong signature', good({ token: 'other123' }), 'signed wrongly'],
  ['another owner key', good({ ownerKey: 'dingcorp' }), 'another owner key'],
  ['a late answer', () => new Promise<HttpResponse>(() => {}), 'no answer within'],
  ['a cut connection', () => Promise.reject(new ConnectionCut()), 'connection failed'],
])('after %s the event is sent again', async (_name, reply: Reply, reason) => {
  const { service, receiver, logged } = running;
  receiver.replies = [reply];
  await service.createInstance();
  const answered = await until(() => logged('callback answered')[0]);
  expect(answered.fields).toMatchObject({ attempt: 2 });
  expect(logged('callback failed').map((entry) => entry.fields.reason)).toEqual([expect.stringContaining(reason)]);
  expect(receiver.events[1]).toEqual(receiver.events[0]);
  expect(receiver.requests[1]?.query.get('nonce')).not.toBe(receiver.requests[0]?.query.get('nonce'));
});
