import { retryDelaysMs } from '../../../local/event-bridge/retry-delays.ts';

describe('retryDelaysMs', () => {
  test.each([
    ['the least', () => 0, [10_000, 10_000, 10_000]],
    ['the most', () => 0.999_999, [19_999, 19_999, 19_999]],
  ])('BACKOFF_RETRY waits three times 10 to 20 s: %s', (_, random, delays) => {
    expect([...retryDelaysMs('BACKOFF_RETRY', random)]).toEqual(delays);
    expect([...retryDelaysMs('BACKOFFRETRY', random)]).toEqual(delays);
    expect([...retryDelaysMs(undefined, random)]).toEqual(delays);
  });

  test('EXPONENTIAL_DECAY_RETRY doubles up to 512 s and tries 176 times in about a day', () => {
    const delays = [...retryDelaysMs('EXPONENTIAL_DECAY_RETRY', () => 0.5)];
    expect(delays.slice(0, 11)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000, 512_000,
    ]);
    expect(delays).toHaveLength(176);
    expect(delays.reduce((sum, delay) => sum + delay)).toBe(86_015_000);
  });
});
