import * as z from 'zod/mini';
import { type Parameters, requestIdSchema } from '../events.ts';
import { sha256Hex } from '../ids.ts';
import { parseJson } from '../json.ts';
import { endOf } from '../request/end-of.ts';
import type { Journal } from './journal.ts';
import type { ObjectStore } from './object-store.ts';

const holderSchema = z.object({ request_id: requestIdSchema });

/** What makes requests for one subject run one after the other. */
export interface Locks {
  /**
   * Takes the lock for a request, or returns the request that holds it. A lock has no end of its own: it is free once
   * the journal says that its holder has ended.
   */
  take(subject: string, requestId: string): Promise<{ taken: true } | { taken: false; by: string }>;
  /**
   * Gives the lock back before the request has ended, if it holds it. Take and release of one request must exclude each
   * other.
   */
  release(subject: string, requestId: string): Promise<void>;
  /** The request that holds the lock, if one does. */
  holder(subject: string): Promise<string | undefined>;
}

/** What a lock on this parameter is about: its value. */
export function lockSubject(parameter: string, parameters: Parameters): string {
  return `${parameter}=${parameters[parameter] ?? ''}`;
}

const prefixOf = (subject: string) => `locks/${sha256Hex(subject).slice(0, 32)}/`;

function nextKey(prefix: string, latest: string | undefined): string {
  const generation = latest === undefined ? 1 : Number(latest.slice(prefix.length)) + 1;
  return prefix + String(generation).padStart(6, '0');
}

/**
 * Locks as numbered generations, `locks/<hash of the subject>/<n>`: a taker creates generation n+1 when the holder of n
 * has ended, and create-if-absent lets one taker through.
 */
export function createLocks({ work, journal }: { work: ObjectStore; journal: Pick<Journal, 'read'> }): Locks {
  return {
    async holder(subject) {
      const latest = (await work.list(prefixOf(subject))).at(-1);
      const holder = latest === undefined ? undefined : await holderOf(latest);
      return holder === undefined || (await hasEnded(holder)) ? undefined : holder;
    },
    async take(subject, requestId) {
      const prefix = prefixOf(subject);
      const keys = await work.list(prefix);
      const latest = keys.at(-1);
      const holder = latest === undefined ? undefined : await holderOf(latest);
      if (holder === requestId) {
        await forget(keys.slice(0, -1));
        return { taken: true };
      }
      if (holder !== undefined && !(await hasEnded(holder))) return { taken: false, by: holder };
      const key = nextKey(prefix, latest);
      const created = await work.createIfAbsent(key, Buffer.from(JSON.stringify({ request_id: requestId })));
      const now = created === 'created' ? requestId : await holderOf(key);
      if (now !== requestId) return { taken: false, by: now ?? '' };
      // A taker that is held up may find its number free again: then somebody else has a later one.
      const last = (await work.list(prefix)).at(-1);
      if (last !== undefined && last !== key) {
        await work.delete(key);
        return { taken: false, by: (await holderOf(last)) ?? '' };
      }
      await forget(keys);
      return { taken: true };
    },
    async release(subject, requestId) {
      const prefix = prefixOf(subject);
      const keys = await work.list(prefix);
      const latest = keys.at(-1);
      if (latest === undefined || (await holderOf(latest)) !== requestId) return;
      // Numbers only go up, so that a taker that is held up never finds its own free: one that nobody holds follows.
      await work.createIfAbsent(nextKey(prefix, latest), Buffer.from('{}'));
      await forget(keys);
    },
  };

  /** Generations before the last say nothing any more. */
  async function forget(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => work.delete(key)));
  }

  async function holderOf(key: string): Promise<string | undefined> {
    const body = await work.get(key);
    const holder = body && holderSchema.safeParse(parseJson(body));
    return holder?.success ? holder.data.request_id : undefined;
  }

  async function hasEnded(requestId: string): Promise<boolean> {
    const { facts } = await journal.read(requestId);
    return endOf(facts) !== undefined;
  }
}
