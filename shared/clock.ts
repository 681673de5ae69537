/** Time as the project sees it: injected, so that tests and the embedded cloud decide how fast it runs. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` of this clock's time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Where an accelerated clock starts: at real time `origin` it shows `origin` too, then runs `speed` times as fast. */
export interface ClockPace {
  speed: number;
  origin: number;
}

/** The machine's clock. With a pace, a clock that all processes given the same pace agree on. */
export function createSystemClock(pace: ClockPace = { speed: 1, origin: 0 }): Clock {
  const { speed, origin } = pace;
  return {
    now: () => (speed === 1 ? Date.now() : Math.floor(origin + (Date.now() - origin) * speed)),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop);
          resolve();
        }, ms / speed);
        signal?.addEventListener('abort', stop, { once: true });
      }),
  };
}
