import type { Clock } from '../../shared/clock.ts';
import { START } from '../shared/hand-clock.ts';

export interface StepClock extends Clock {
  /** Moves on by this much and wakes whoever sleeps no longer, in the order of their times. */
  advance(ms: number): void;
  /** The times, from now, at which somebody wakes. */
  alarms(): number[];
}

/** A clock that stands still until a test moves it, and on which a sleep lasts until then. */
export function createStepClock(start = START): StepClock {
  let now = start;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const sleeper = { until: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    advance(ms) {
      now += ms;
      const due = [...sleepers].filter(({ until }) => until <= now).sort((one, other) => one.until - other.until);
      for (const { wake } of due) wake();
    },
    alarms: () => [...sleepers].map(({ until }) => until - now).sort((one, other) => one - other),
  };
}

/** Waits until what happens on real sockets has made this true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}
