import fc from 'fast-check';
import {
  attemptsOf,
  idempotencyKey,
  isInstanceId,
  isRequestId,
  originalOf,
  parseRequestId,
  requestIdOf,
  retryIdOf,
  revokeIdOf,
  sha256Hex,
} from '../../shared/ids.ts';
import { isObjectKey } from '../../shared/journal/object-store.ts';

describe('an approval instance id', () => {
  test.each(['fdc2ebbd-346e-4022-a2df-7b531424d81c', 'dLZ3_xQ8', '-', '_', 'a'.repeat(64)])('may be %s', (id) => {
    expect(isInstanceId(id)).toBe(true);
    expect(requestIdOf('lark', id)).toBe(`lark.${id}`);
    expect(isRequestId(`lark.${id}`)).toBe(true);
  });

  test.each(['', 'a'.repeat(65), 'a b', 'a.b', 'a/b', '../a', 'a\n', '编号', 'é', 'a%2f', '🚀'])(
    'may not be %j',
    (id) => {
      expect(isInstanceId(id)).toBe(false);
      expect(() => requestIdOf('dingtalk', id)).toThrow('an approval instance id is 1 to 64 of [A-Za-z0-9_-]');
      expect(isRequestId(`dingtalk.${id}`)).toBe(false);
    },
  );
});

test.each([
  'dingtalk',
  'dingtalk.',
  'slack.abc',
  'DINGTALK.abc',
  ' dingtalk.abc',
  'dingtalk.abc\n',
  'xdingtalk.abc',
  'dingtalk.abc.',
  'dingtalk..revoke',
  'dingtalk.abc.revoked',
  'dingtalk.abc.revoke.revoke',
  'dingtalk.abc.retry',
  'dingtalk.abc.retry-',
  'dingtalk.abc.retry-0',
  'dingtalk.abc.retry-01',
  'dingtalk.abc.retry-1000',
  'dingtalk.abc.retry--1',
  'dingtalk.abc.retry-1.revoke',
  'dingtalk.abc.retry-1.retry-2',
])('%j is no request id', (id) => {
  expect(isRequestId(id)).toBe(false);
  expect(parseRequestId(id)).toBeUndefined();
});

test.each<[string, ReturnType<typeof parseRequestId>, string, string]>([
  [
    'dingtalk.abc',
    { platform: 'dingtalk', instanceId: 'abc', revoke: false, attempt: 0 },
    'dingtalk.abc.revoke',
    'dingtalk.abc.retry-3',
  ],
  [
    'lark.revoke',
    { platform: 'lark', instanceId: 'revoke', revoke: false, attempt: 0 },
    'lark.revoke.revoke',
    'lark.revoke.retry-3',
  ],
  [
    'lark.retry-1.retry-999',
    { platform: 'lark', instanceId: 'retry-1', revoke: false, attempt: 999 },
    'lark.retry-1.revoke',
    'lark.retry-1.retry-3',
  ],
  [
    'dingtalk.abc.revoke',
    { platform: 'dingtalk', instanceId: 'abc', revoke: true, attempt: 0 },
    'dingtalk.abc.revoke',
    'dingtalk.abc.revoke.retry-3',
  ],
  [
    'dingtalk.abc.revoke.retry-2',
    { platform: 'dingtalk', instanceId: 'abc', revoke: true, attempt: 2 },
    'dingtalk.abc.revoke',
    'dingtalk.abc.revoke.retry-3',
  ],
])('%s has its parts, one reversal and a next attempt', (id, parts, reversal, third) => {
  expect(isRequestId(id)).toBe(true);
  expect(parseRequestId(id)).toEqual(parts);
  expect(originalOf(id)).toBe(`${parts?.platform}.${parts?.instanceId}`);
  expect(revokeIdOf(id)).toBe(reversal);
  expect(retryIdOf(id, 3)).toBe(third);
  expect([reversal, third].filter((other) => !isRequestId(other))).toEqual([]);
});

test('a request has twenty attempts after its first, whichever of them or of its reversals is asked about', () => {
  for (const id of ['dingtalk.a', 'dingtalk.a.retry-7', 'dingtalk.a.revoke', 'dingtalk.a.revoke.retry-2']) {
    const attempts = attemptsOf(id);
    expect(attempts).toHaveLength(21);
    expect([attempts[0], attempts[1], attempts[20]]).toEqual([
      'dingtalk.a',
      'dingtalk.a.retry-1',
      'dingtalk.a.retry-20',
    ]);
  }
});

test('the longest id is a request id of 90 characters', () => {
  const longest = retryIdOf(revokeIdOf(requestIdOf('dingtalk', 'a'.repeat(64))), 999);
  expect(longest).toHaveLength(90);
  expect(isRequestId(longest)).toBe(true);
  expect(isObjectKey(`accepted/${longest}.json`)).toBe(true);
});

test('whatever counts as a request id is safe as a part of an object key', () => {
  fc.assert(
    fc.property(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (any, id) => {
      expect(isObjectKey(`open/${requestIdOf('dingtalk', id)}`)).toBe(true);
      if (isRequestId(any)) expect(isObjectKey(any)).toBe(true);
    }),
  );
});

test('an idempotency key is the same on every try and another for another request or purpose', () => {
  const key = idempotencyKey('dingtalk.abc', 'run');
  expect(key).toBe('fd0e8be9290640b5d9bd410237bcf1349a2a8a63');
  expect(idempotencyKey('dingtalk.abc', 'run')).toBe(key);
  expect(idempotencyKey('dingtalk.abc', 'final')).not.toBe(key);
  expect(idempotencyKey('dingtalk.abcr', 'un')).not.toBe(key);
});

test('hashes the UTF-8 of a text', () => {
  expect(sha256Hex('中文 🚀')).toBe(sha256Hex(Buffer.from('e4b8ade6968720f09f9a80', 'hex')));
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
