import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';

const leaseSchema = z.object({ holder: z.string(), until: z.number() });

/** The right to cause one outside effect for a while. */
export interface Lease {
  /** Gives the lease back early, so that the next try need not wait for its end. */
  release(): Promise<void>;
}

export interface Leases {
  /**
   * Takes the lease on `effect` of a request for `ttlMs`, or returns undefined while somebody else holds it. An
   * expired lease may be taken over: the effect is then repeated under the same idempotency key.
   */
  take(requestId: string, effect: string, ttlMs: number): Promise<Lease | undefined>;
}

/**
 * Leases as numbered generations, `leases/<request>/<effect>/<n>`: a taker creates generation n+1 when n has expired,
 * and create-if-absent lets one taker through. Nothing is overwritten, so two takers cannot undo each other.
 */
export function createLeases(options: { work: ObjectStore; clock: Clock; holder: () => string }): Leases {
  const { work, clock } = options;
  return {
    async take(requestId, effect, ttlMs) {
      const prefix = `leases/${requestId}/${effect}/`;
      const latest = (await work.list(prefix)).at(-1);
      if (latest && (await isHeld(latest))) return undefined;
      const generation = latest ? Number(latest.slice(prefix.length)) + 1 : 1;
      const key = prefix + String(generation).padStart(6, '0');
      const until = clock.now() + ttlMs;
      const body = Buffer.from(JSON.stringify({ holder: options.holder(), until }));
      if ((await work.createIfAbsent(key, body)) === 'exists' && !(await work.get(key))?.equals(body)) return undefined;
      return {
        // Past its end the lease may already be somebody else's business: then it is left alone.
        release: async () => {
          if (clock.now() < until) await work.delete(key);
        },
      };
    },
  };

  async function isHeld(key: string): Promise<boolean> {
    const body = await work.get(key);
    // Released since it was listed: the number may be taken again by now, so this taker leaves it to the next try.
    if (!body) return true;
    const lease = leaseSchema.safeParse(parseJson(body));
    return lease.success && clock.now() < lease.data.until;
  }
}

/** How long an outside effect may take: a function's time-out and a margin, so that by then its holder is gone. */
export const EFFECT_LEASE_MS = 90_000;

export interface HeldLease {
  effect: string;
  holder: string;
  /** ISO. */
  until: string;
  held: boolean;
}

/** The last lease on each effect of a request, for people to read. */
export async function readLeases(work: ObjectStore, requestId: string, now: number): Promise<HeldLease[]> {
  const prefix = `leases/${requestId}/`;
  const newest = new Map((await work.list(prefix)).map((key) => [key.slice(prefix.length).split('/')[0] ?? '', key]));
  const leases = await Promise.all(
    [...newest].map(async ([effect, key]): Promise<HeldLease[]> => {
      const body = await work.get(key);
      const lease = leaseSchema.safeParse(body && parseJson(body));
      if (!lease.success) return [];
      const { holder, until } = lease.data;
      return [{ effect, holder, until: new Date(until).toISOString(), held: now < until }];
    }),
  );
  return leases.flat();
}

/** Removes every lease of a request that is closed. */
export async function clearLeases(work: ObjectStore, requestId: string): Promise<void> {
  const keys = await work.list(`leases/${requestId}/`);
  await Promise.all(keys.map((key) => work.delete(key)));
}
