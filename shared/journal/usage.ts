import type { AlarmName } from '../alarms.ts';
import type { Clock } from '../clock.ts';
import type { PlatformName } from '../ids.ts';
import type { Log } from '../log.ts';
import { ALL_KEYS, type ObjectStore } from './object-store.ts';

/** What a platform counts by the month: calls of its API, and messages by webhook. */
export type Pot = 'api' | 'webhook';
export type Quota = { readonly [P in PlatformName]?: Readonly<Record<Pot, number>> | undefined };

/** How much of the month's quota is left: above 20 %, above 5 %, or less. */
export type Level = 'plenty' | 'scarce' | 'last';

/**
 * Calls of this month, counted across all instances of the functions. A count lies in the name of an object,
 * `usage/<platform>/<pot>/<yyyy-mm>/<writer>-<count>`, so that one listing adds them up. An instance that is thrown away
 * may take its last few calls along: this is a budget, not a bill.
 */
export interface Usage {
  count(platform: PlatformName, pot: Pot): void;
  /** Stores what has been counted since the last time. */
  flush(): Promise<void>;
  level(platform: PlatformName, pot: Pot): Promise<Level>;
}

/** What has been used of a pot in the month of `now`, by all functions together. */
export async function readUsed(work: ObjectStore, platform: PlatformName, pot: Pot, now: number): Promise<number> {
  const keys = await work.list(prefixOf(platform, pot, now), { limit: ALL_KEYS });
  return keys.reduce((sum, key) => sum + Number(key.slice(key.lastIndexOf('-') + 1)), 0);
}

function prefixOf(platform: PlatformName, pot: Pot, now: number): string {
  return `usage/${platform}/${pot}/${monthOf(now)}/`;
}

function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}

export function createUsage(options: {
  work: ObjectStore;
  quota: Quota;
  clock: Clock;
  log: Log;
  /** A name that nobody else has: `[A-Za-z0-9_]`. */
  writer: () => string;
}): Usage {
  const { work, quota, clock, log } = options;
  const pending = new Map<string, number>();
  return {
    count(platform, pot) {
      const prefix = prefixOf(platform, pot, clock.now());
      pending.set(prefix, (pending.get(prefix) ?? 0) + 1);
    },
    async flush() {
      for (const [prefix, count] of [...pending]) {
        pending.delete(prefix);
        await work.createIfAbsent(`${prefix}${options.writer()}-${count}`, Buffer.from('{}'));
      }
    },
    async level(platform, pot) {
      const limit = quota[platform]?.[pot];
      if (limit === undefined) return 'plenty';
      const used = await readUsed(work, platform, pot, clock.now());
      if (used < limit * 0.8) return 'plenty';
      const warned = `usage/${platform}/${pot}/warned-${monthOf(clock.now())}`;
      if ((await work.createIfAbsent(warned, Buffer.from('{}'))) === 'created')
        log.error('80 % of the quota of this month is used', {
          platform,
          pot,
          used,
          limit,
          alarm: 'quota_scarce' satisfies AlarmName,
        });
      return used < limit * 0.95 ? 'scarce' : 'last';
    },
  };
}
