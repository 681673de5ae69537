import { inService } from '../../setup/service-error.ts';

const thrown = (code: string | undefined, message: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });
const said = (error: unknown) => inService('OSS', Promise.reject(error)).catch((cause: Error) => cause.message);

test.each([
  [
    'a key that is not valid',
    thrown('InvalidAccessKeyId', 'The key 不存在 🔑.'),
    'OSS: InvalidAccessKeyId; The key 不存在 🔑.; the key of this shell is not valid there; check ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN',
  ],
  [
    'what the key may not do',
    thrown('AccessDenied', 'You have no right to oss:PutBucket.'),
    'OSS: AccessDenied; You have no right to oss:PutBucket.; the key of this shell may not do this',
  ],
  [
    'a service that cannot be reached',
    thrown('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9'),
    'OSS: connect ECONNREFUSED 127.0.0.1:9; it cannot be reached; check the network, the region in env.yaml, and the endpoint if this shell sets one',
  ],
  ['another refusal', thrown('TooManyBuckets', 'At most 100.'), 'OSS: TooManyBuckets; At most 100.'],
  ['an answer that is none', thrown(undefined, 'No tag.\nLine: 0\nraw xml: {"secret":1}'), 'OSS: No tag.'],
  ['what is no error', 'nothing', 'OSS: nothing'],
])(
  '%s is told in one line with its service and, where the code tells one, the next step',
  async (_what, error, message) => {
    expect(await said(error)).toBe(message);
  },
);

test('what goes well comes through as it is', async () => {
  expect(await inService('RAM', Promise.resolve('成功 ✅'))).toBe('成功 ✅');
});
