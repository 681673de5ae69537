import type { Clock } from '../../shared/clock.ts';
import type { Organisation } from './organisation.ts';

/** Which monthly pot a call is taken from. Contacts and token calls are free; pushes and webhook sends share one pot. */
export type QuotaPot = 'apiCalls' | 'webhookAndStream' | 'free';

export interface QuotaUse {
  apiCalls: number;
  webhookAndStream: number;
}

export interface Quota {
  /** Counts one use of this month; false if the pot was empty and the organisation enforces its quota. */
  take(pot: QuotaPot): boolean;
  used(): QuotaUse;
}

const CHINA_MS = 8 * 3_600_000;

/** Counts by calendar month in China. The counters live in memory: a restart starts them anew. */
export function createQuota(options: { clock: Clock; limits: Organisation['quota'] }): Quota {
  const { clock, limits } = options;
  let month = '';
  let use: QuotaUse = { apiCalls: 0, webhookAndStream: 0 };
  const current = (): QuotaUse => {
    const now = new Date(clock.now() + CHINA_MS).toISOString().slice(0, 7);
    if (now !== month) {
      month = now;
      use = { apiCalls: 0, webhookAndStream: 0 };
    }
    return use;
  };
  return {
    take(pot) {
      if (pot === 'free') return true;
      const counters = current();
      if (limits.enforced && counters[pot] >= limits[pot]) return false;
      counters[pot] += 1;
      return true;
    },
    used: () => ({ ...current() }),
  };
}
