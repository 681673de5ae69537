import type { EventSubscription } from '../../../local/dingtalk/event-subscription.ts';
import { serve } from '../../../local/http/server.ts';
import { good, type Subscribed, startSubscribed } from './subscribe-receiver.ts';

let running: Subscribed;
beforeEach(async () => {
  running = await startSubscribed();
});
afterEach(() => running.close());

describe('the URL check', () => {
  test('sends check_url and passes with the sealed success', async () => {
    const { service, receiver } = running;
    await service.dingtalk.verifyEventSubscription();
    expect(receiver.events).toEqual([{ EventType: 'check_url' }]);
  });

  test('rejects with what is wrong', async () => {
    const { service, receiver } = running;
    receiver.replies = [() => ({ status: 200, body: 'success' })];
    await expect(service.dingtalk.verifyEventSubscription()).rejects.toThrow(
      'did not pass the URL check: the answer is not JSON with msg_signature',
    );
  });

  test('rejects when nobody listens', async () => {
    const { service, subscription } = running;
    const gone = await serve(() => Promise.reject(new Error('never called')));
    await gone.close();
    service.dingtalk.setEventSubscription({ ...subscription, url: gone.origin });
    await expect(service.dingtalk.verifyEventSubscription()).rejects.toThrow('the connection failed (ECONNREFUSED)');
  });

  test.each([
    ['a short key', { aesKey: 'short' }, 'an aes key is 43 letters and digits'],
    ['a token with a dash', { token: 'a-b' }, 'a token is 3 to 63 letters and digits'],
    ['a URL of another kind', { url: 'file:///etc/passwd' }, 'URL'],
  ])('a subscription with %s is not taken', (_name, fields, message) => {
    const { service, subscription } = running;
    expect(() => service.dingtalk.setEventSubscription({ ...subscription, ...fields })).toThrow(message);
  });
});

test('the 16-byte padding of some libraries can be asked for', async () => {
  const { service, receiver, subscription } = running;
  const ownerKey = 'an-owner-key-of-20-b';
  const sent: EventSubscription = { ...subscription, ownerKey, paddingBlockBytes: 16 };
  receiver.replies = [good({ ownerKey }), good({ ownerKey })];
  service.dingtalk.setEventSubscription(sent);
  await service.dingtalk.verifyEventSubscription();
  service.dingtalk.setEventSubscription({ ...sent, paddingBlockBytes: 32 });
  await service.dingtalk.verifyEventSubscription();
  const sizes = receiver.requests.map(({ body }) => Buffer.from(JSON.parse(String(body)).encrypt, 'base64').length);
  expect(sizes).toEqual([80, 96]);
});
