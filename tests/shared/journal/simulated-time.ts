import type { Clock } from '../../../shared/clock.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';

/** Time that goes on to the next thing to happen as soon as nothing is left to do now. */
export interface SimulatedTime extends Clock {
  /** Resolves when nobody sleeps any more. */
  run(): Promise<void>;
}

export function createSimulatedTime(start: number): SimulatedTime {
  let now = start;
  const sleeping: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => void sleeping.push({ at: now + ms, wake })),
    async run() {
      for (;;) {
        await new Promise((idle) => setImmediate(idle));
        const next = sleeping.toSorted((a, b) => a.at - b.at)[0];
        if (!next) return;
        sleeping.splice(sleeping.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.wake();
      }
    },
  };
}

/** A store in memory; each call takes `latency()` ms on its way there, and as much again on its way back. */
export function createSlowStore(clock: Clock, latency: () => number): ObjectStore {
  const objects = new Map<string, Buffer>();
  const slowly = async <T>(call: () => T): Promise<T> => {
    await clock.sleep(latency());
    const answer = call();
    await clock.sleep(latency());
    return answer;
  };
  return {
    createIfAbsent: (key, body) =>
      slowly(() => {
        if (objects.has(key)) return 'exists';
        objects.set(key, body);
        return 'created';
      }),
    get: (key) => slowly(() => objects.get(key)),
    list: (prefix) => slowly(() => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()),
    delete: (key) => slowly(() => void objects.delete(key)),
  };
}
