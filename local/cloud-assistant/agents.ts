import type { Clock } from '../../shared/clock.ts';

/** Whether the agents of the instances can be reached. */
export interface Agents {
  isOnline(instanceId: string): boolean;
  set(instanceId: string, online: boolean): void;
  /** When the agent was last heard of, in milliseconds since the epoch. */
  lastHeartbeat(instanceId: string): number;
  /** Resolves at once when the agent is online, else when it comes back, after `ms`, or when `signal` is aborted. */
  waitOnline(instanceId: string, ms: number, signal: AbortSignal): Promise<void>;
}

export function createAgents(clock: Clock): Agents {
  const offlineSince = new Map<string, number>();
  const waiting = new Map<string, Set<AbortController>>();
  return {
    isOnline: (instanceId) => !offlineSince.has(instanceId),
    set(instanceId, online) {
      if (!online) {
        if (!offlineSince.has(instanceId)) offlineSince.set(instanceId, clock.now());
        return;
      }
      offlineSince.delete(instanceId);
      for (const wake of waiting.get(instanceId) ?? []) wake.abort();
    },
    lastHeartbeat: (instanceId) => offlineSince.get(instanceId) ?? clock.now(),
    async waitOnline(instanceId, ms, signal) {
      if (!offlineSince.has(instanceId)) return;
      const wake = new AbortController();
      const waiters = waiting.get(instanceId) ?? new Set();
      waiting.set(instanceId, waiters.add(wake));
      await clock.sleep(ms, AbortSignal.any([signal, wake.signal])).catch(() => undefined);
      waiters.delete(wake);
    },
  };
}
