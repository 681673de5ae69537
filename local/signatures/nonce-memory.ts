import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { MAX_SKEW_MS } from './check-timestamp.ts';

/** Remembers which nonces were used, for as long as a copy of their request could still be in time. */
export interface NonceMemory {
  /** True the first time, false for a replay. */
  use(accessKeyId: string, nonce: string): boolean;
}

/** At most `capacity` nonces are kept; beyond that the oldest is forgotten first. */
export function createNonceMemory(options: { clock: Clock; capacity?: number }): NonceMemory {
  const capacity = options.capacity ?? 100_000;
  const usedAt = new Map<string, number>();
  return {
    use(accessKeyId, nonce) {
      const key = createHash('sha256').update(`${accessKeyId}\n${nonce}`).digest('base64');
      // A request may be dated MAX_SKEW_MS ahead and stays valid as long after that.
      const stillValid = options.clock.now() - 2 * MAX_SKEW_MS;
      for (const [old, at] of usedAt) {
        if (at >= stillValid && usedAt.size < capacity) break;
        usedAt.delete(old);
      }
      if (usedAt.has(key)) return false;
      usedAt.set(key, options.clock.now());
      return true;
    },
  };
}
