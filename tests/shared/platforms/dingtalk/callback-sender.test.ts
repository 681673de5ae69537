import { randomBytes } from 'node:crypto';
import { createCallbackSender } from '../../../../local/dingtalk/callback-sender.ts';
import { type EventSubscription, EventSubscriptionSchema } from '../../../../local/dingtalk/event-subscription.ts';
import { type RunningServer, serve } from '../../../../local/http/server.ts';
import { createSystemClock } from '../../../../shared/clock.ts';
import { callHttp } from '../../../../shared/http/call.ts';
import { openCallback } from '../../../../shared/platforms/dingtalk/open-callback.ts';
import type { CallbackOutcome } from '../../../../shared/platforms/platform.ts';
import { CONFIG } from './open-sample.ts';
import { APPROVED } from './sealed-callback.ts';

const clock = createSystemClock();
const sender = createCallbackSender({ clock, randomBytes, callHttp });
let server: RunningServer;
let outcomes: CallbackOutcome[] = [];

beforeAll(async () => {
  server = await serve(async ({ method, query, body }) => {
    const request = { method, query: Object.fromEntries(query), headers: {}, body };
    const outcome = openCallback(request, CONFIG, { clock, randomBytes });
    outcomes.push(outcome);
    return outcome.reply;
  });
});
beforeEach(() => {
  outcomes = [];
});
afterAll(() => server.close());

function send(message: object, subscription: Partial<EventSubscription> = {}) {
  const { token, aesKey } = CONFIG;
  const url = `${server.origin}/callback?app=1`;
  const parsed = EventSubscriptionSchema.parse({ url, token, aesKey, ownerKey: 'dingapp', ...subscription });
  return sender.send(parsed, message, new AbortController().signal);
}

describe.each([16, 32] as const)('the embedded DingTalk, padding to %i,', (paddingBlockBytes) => {
  test.each([
    ['a check', { EventType: 'check_url' }, 'check'],
    ['an approval', APPROVED, 'event'],
    ['a refusal', { ...APPROVED, result: 'refuse' }, 'ignored'],
    ['中文 and an emoji', { EventType: '审批🎉' }, 'ignored'],
  ])('takes the answer to %s', async (_, message, kind) => {
    expect(await send(message, { paddingBlockBytes })).toEqual({ accepted: true });
    expect(outcomes).toMatchObject([{ kind, message: JSON.stringify(message) }]);
  });

  test('takes the answers to messages of every length', async () => {
    for (let length = 0; length < 32; length += 1) {
      const message = { EventType: 'check_url', text: 'x'.repeat(length) };
      expect(await send(message, { paddingBlockBytes })).toEqual({ accepted: true });
    }
  });
});

test('the embedded DingTalk takes the answer for the other owner key', async () => {
  expect(await send(APPROVED, { ownerKey: 'dingcorp' })).toEqual({ accepted: true });
});

test.each<[string, Partial<EventSubscription>, string]>([
  ['token', { token: 'token124' }, 'wrong signature'],
  ['AES key', { aesKey: `a${CONFIG.aesKey.slice(1)}` }, 'the message does not decrypt with this AES key'],
  ['owner key', { ownerKey: 'dingother' }, 'the owner key behind the message is not a configured one'],
])('with another %s it is turned away', async (_, subscription, reason) => {
  expect(await send(APPROVED, subscription)).toEqual({
    accepted: false,
    reason: 'HTTP status 403 instead of 200',
  });
  expect(outcomes).toMatchObject([{ kind: 'rejected', reason }]);
});
