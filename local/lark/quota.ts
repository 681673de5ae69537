import type { Clock } from '../../shared/clock.ts';

export interface Quota {
  /** Counts one call of this month; false if the organisation's number of them is used up. */
  take(): boolean;
  used(): number;
}

const CHINA_MS = 8 * 3_600_000;

/** Counts by calendar month in China. The counter lives in memory: a restart starts it anew. */
export function createQuota({ clock, limit }: { clock: Clock; limit: number | undefined }): Quota {
  let month = '';
  let calls = 0;
  const current = (): number => {
    const now = new Date(clock.now() + CHINA_MS).toISOString().slice(0, 7);
    if (now !== month) {
      month = now;
      calls = 0;
    }
    return calls;
  };
  return {
    take() {
      if (current() >= (limit ?? Number.POSITIVE_INFINITY)) return false;
      calls += 1;
      return true;
    },
    used: current,
  };
}
