import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adaptDefault, EventDispatcher } from '@larksuiteoapi/node-sdk';
import { ConnectionCut, type HttpResponse } from '../../../local/http/server.ts';
import { QUIET, START, startLark } from './start-lark.ts';
import {
  bad,
  ENCRYPT_KEY,
  good,
  type Reply,
  type Subscribed,
  startSubscribed,
  TOKEN,
  until,
} from './subscribe-receiver.ts';

let running: Subscribed;
beforeEach(async () => {
  running = await startSubscribed();
});
afterEach(() => running.close());

test('an event is sent again after 15 s, 5 min, 1 h and 6 h with the same id, then no longer', async () => {
  const { service, receiver, logged } = running;
  receiver.replies = [bad, bad, bad, bad, bad];
  const code = await service.createInstance();
  await until(() => logged('event failed')[4]);
  const times = logged('event sent').map(({ time, fields }) => [fields.attempt, Date.parse(time) - START]);
  expect(times).toEqual([
    [1, 0],
    [2, 15_000],
    [3, 315_000],
    [4, 3_915_000],
    [5, 25_515_000],
  ]);
  expect(new Set(receiver.events.map(({ uuid }) => uuid)).size).toBe(1);
  service.lark.decide(code, { userId: 'u2', approved: true });
  await receiver.received(6);
  expect(receiver.statuses()).toEqual(['PENDING', 'PENDING', 'PENDING', 'PENDING', 'PENDING', 'APPROVED']);
});

test.each([
  ['HTTP 500', bad, 'HTTP status 500'],
  ['HTTP 204', () => ({ status: 204 }), 'HTTP status 204'],
  ['a redirect', () => ({ status: 302, headers: { location: '/' } }), 'HTTP status 302'],
  ['a late answer', () => new Promise<HttpResponse>(() => {}), 'no answer within'],
  ['a cut connection', () => Promise.reject(new ConnectionCut()), 'connection failed'],
] as [string, Reply, string][])('after %s the event is sent again', async (_name, reply, reason) => {
  const { service, receiver, logged } = running;
  receiver.replies = [reply];
  await service.createInstance();
  const answered = await until(() => logged('event answered')[0]);
  expect(answered.fields).toMatchObject({ attempt: 2, event: 'approval_instance', status: 'PENDING' });
  expect(logged('event failed').map(({ fields }) => fields.reason)).toEqual([expect.stringContaining(reason)]);
});

test('what was on its way when the service stopped goes on, in its order, after the next start', async () => {
  const { service, receiver, subscription } = running;
  receiver.replies = [() => new Promise(() => {})];
  const code = await service.createInstance();
  service.lark.decide(code, { userId: 'u2', approved: true });
  await receiver.received(1);
  await service.lark.close();
  const next = await startLark({ directory: service.directory });
  next.lark.setEventSubscription(subscription);
  await receiver.received(3);
  expect(receiver.statuses()).toEqual(['PENDING', 'PENDING', 'APPROVED']);
  expect(receiver.events[1]?.uuid).toBe(receiver.events[0]?.uuid);
  await next.close();
});

describe('the URL check', () => {
  test('sends an encrypted challenge without a signature and passes with the challenge', async () => {
    const { service, receiver } = running;
    await service.lark.verifyEventSubscription();
    expect(receiver.events).toEqual([
      { challenge: expect.any(String), token: 'v3rificationT0ken', type: 'url_verification' },
    ]);
    const names = Object.keys(receiver.requests[0]?.headers ?? {});
    expect(names.filter((name) => name.startsWith('x-lark'))).toEqual([]);
  });

  test.each([
    ['encrypted', ENCRYPT_KEY],
    ['plain', undefined],
  ])('passes with the official adapter, %s', async (_name, encryptKey) => {
    const key = encryptKey === undefined ? {} : { encryptKey };
    const dispatcher = new EventDispatcher({ ...key, verificationToken: TOKEN, logger: QUIET });
    const official = createServer(adaptDefault('/callback', dispatcher, { autoChallenge: true }));
    await new Promise<void>((resolve) => official.listen(0, '127.0.0.1', resolve));
    const { port } = official.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/callback`;
    running.service.lark.setEventSubscription({ url, verificationToken: TOKEN, ...key });
    await running.service.lark.verifyEventSubscription();
    official.closeAllConnections();
    await new Promise((resolve) => official.close(resolve));
  });

  test.each([
    ['another challenge', () => ({ status: 200, body: '{"challenge":"x"}' }), 'the answer holds another challenge'],
    ['no JSON', () => ({ status: 200, body: 'ok' }), 'the answer is not JSON with a challenge'],
    ['HTTP 500', bad, 'HTTP status 500 instead of 200'],
  ] as [string, Reply, string][])('rejects %s', async (_name, reply, message) => {
    const { service, receiver } = running;
    receiver.replies = [reply];
    await expect(service.lark.verifyEventSubscription()).rejects.toThrow(message);
    receiver.replies = [good];
    await service.lark.verifyEventSubscription();
  });

  test.each([
    ['a URL of another kind', { url: 'file:///etc/passwd' }, 'URL'],
    ['no token', { verificationToken: '' }, 'verificationToken'],
    ['an event that does not exist', { events: ['approval'] }, 'events'],
  ])('a subscription with %s is not taken', (_name, fields, message) => {
    const { service, subscription } = running;
    const given = { ...subscription, ...fields } as typeof subscription;
    expect(() => service.lark.setEventSubscription(given)).toThrow(message);
  });
});

test('without a subscription nothing is sent or kept', async () => {
  const quiet = await startLark();
  await expect(quiet.lark.verifyEventSubscription()).rejects.toThrow('there is no event subscription yet');
  await quiet.createInstance();
  quiet.lark.setEventSubscription(running.subscription);
  await quiet.lark.verifyEventSubscription();
  expect(running.receiver.events).toMatchObject([{ type: 'url_verification' }]);
  await quiet.close();
});
