import type { Clock } from '../../shared/clock.ts';

/** 10:00 on 1 September 2026 in Shanghai. */
export const START = Date.UTC(2026, 8, 1, 2, 0, 0);

/** A clock that stands still until a test moves it. */
export function createHandClock(start = START): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}
