import type { Clock } from '../../shared/clock.ts';

export interface RateLimit {
  perMinute?: number;
  perSecond?: number;
}

/** The levels of https://open.feishu.cn/document/ukTMukTMukTM/uUzN04SN3QjL1cDN that calls name. */
export const HUNDRED_A_MINUTE: RateLimit = { perMinute: 100 };
export const THOUSAND_A_MINUTE: RateLimit = { perMinute: 1_000, perSecond: 50 };

export interface RateLimits {
  /** Counts one use of `name`; the milliseconds to wait if it was one too many, which is not counted. */
  take(name: string, limit: RateLimit): number;
}

/** Sliding windows, in memory. */
export function createRateLimits({ clock }: { clock: Clock }): RateLimits {
  const uses = new Map<string, number[]>();
  return {
    take(name, { perMinute, perSecond }) {
      const now = clock.now();
      const recent = (uses.get(name) ?? []).filter((time) => time > now - 60_000);
      uses.set(name, recent);
      const wait = Math.max(
        waitFor(recent, perMinute, now, 60_000),
        waitFor(
          recent.filter((time) => time > now - 1_000),
          perSecond,
          now,
          1_000,
        ),
      );
      if (wait === 0) recent.push(now);
      return wait;
    },
  };
}

function waitFor(recent: number[], limit: number | undefined, now: number, windowMs: number): number {
  if (limit === undefined || recent.length < limit) return 0;
  const oldest = recent[recent.length - limit] ?? now;
  return oldest + windowMs - now;
}
