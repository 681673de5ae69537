import type { Clock } from '../../shared/clock.ts';

/** What `work` gives, or `timeout` if that takes longer than `ms`; leaves no timer behind. */
export async function withTimeLimit<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T | 'timeout'> {
  const done = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, done.signal).then(() => 'timeout' as const)]);
  } finally {
    done.abort();
  }
}
