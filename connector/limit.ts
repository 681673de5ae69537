import type { Clock } from '../shared/clock.ts';

/**
 * Runs `task` with a signal that is aborted after `ms` or with `parent`, and then rejects with that reason, whatever the
 * task does.
 */
export async function withLimit<T>(
  options: { clock: Clock; ms: number; late: string; parent?: AbortSignal },
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, ms, late, parent } = options;
  const done = new AbortController();
  const limit = new AbortController();
  const ended = new Promise<never>((_, reject) =>
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true }),
  );
  const end = () => limit.abort(parent?.reason);
  if (parent?.aborted) end();
  parent?.addEventListener('abort', end, { signal: done.signal });
  clock.sleep(ms, done.signal).then(
    () => limit.abort(new Error(late)),
    () => undefined,
  );
  try {
    return await Promise.race([ended, task(limit.signal)]);
  } finally {
    done.abort();
  }
}

/** A signal that is aborted after `ms`, unless `done` is before that. */
export function deadlineAfter(clock: Clock, ms: number, done: AbortSignal): AbortSignal {
  const deadline = new AbortController();
  clock.sleep(ms, done).then(
    () => deadline.abort(new Error(`${ms} ms are over`)),
    () => undefined,
  );
  return deadline.signal;
}

/** Resolves once `signal` is aborted. */
export function whenAborted(signal: AbortSignal, done: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true, signal: done }));
}
