import type { Clock } from '../../shared/clock.ts';
import type { FunctionInstance } from './function-instance.ts';

/** The instances of one function: reused, started when all are busy, never more than the maximum. */
export interface InstancePool {
  /** An instance for one request, or undefined when all stayed busy for the time a caller may queue. */
  acquire(): Promise<FunctionInstance | undefined>;
  release(instance: FunctionInstance): void;
  /** Starts one instance and lets it load its code. */
  warm(): void;
  /** From now on instances are started this way; older ones end, busy ones after their request. */
  renew(start: () => FunctionInstance): void;
  /** SIGKILL for every instance; the next request starts a new one. */
  killAll(): Promise<void>;
  /** Kills every instance for good; whoever queues gets none. */
  close(): Promise<void>;
}

export function createInstancePool(options: {
  start: () => FunctionInstance;
  maximum: number;
  queueMs: number;
  clock: Clock;
}): InstancePool {
  const all = new Set<FunctionInstance>();
  const idle: FunctionInstance[] = [];
  const waiting: ((instance: FunctionInstance | undefined) => void)[] = [];
  let outdated = new Set<FunctionInstance>();
  let startOne = options.start;
  let closed = false;

  const start = () => {
    const instance = startOne();
    all.add(instance);
    void instance.exited.then(() => {
      all.delete(instance);
      remove(idle, instance);
      if (!closed && all.size < options.maximum) waiting.shift()?.(start());
    });
    return instance;
  };
  const queue = async () => {
    let served: (instance: FunctionInstance | undefined) => void = () => {};
    const turn = new Promise<FunctionInstance | undefined>((resolve) => {
      served = resolve;
    });
    const limit = new AbortController();
    waiting.push(served);
    // Leaves the queue in the same step that gives up, so that no instance is handed to a caller that has gone.
    const late = options.clock.sleep(options.queueMs, limit.signal).then(() => remove(waiting, served));
    try {
      return await Promise.race([turn, late]);
    } finally {
      limit.abort();
    }
  };
  const killAll = async () => {
    await Promise.all([...all].map((instance) => instance.kill()));
  };

  return {
    acquire: async () => {
      if (closed) return undefined;
      return idle.pop() ?? (all.size < options.maximum ? start() : queue());
    },
    release(instance) {
      if (!all.has(instance)) return;
      if (outdated.has(instance)) void instance.kill();
      else if (waiting.length > 0) waiting.shift()?.(instance);
      else idle.push(instance);
    },
    warm() {
      const instance = start();
      instance.warm();
      idle.push(instance);
    },
    renew(newStart) {
      startOne = newStart;
      outdated = new Set(all);
      for (const instance of idle.splice(0)) void instance.kill();
    },
    killAll,
    async close() {
      closed = true;
      for (const served of waiting.splice(0)) served(undefined);
      await killAll();
    },
  };
}

function remove<T>(list: T[], item: T): undefined {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
