import { type Origin, originSchema } from '../events.ts';
import { isRequestId, originalOf } from '../ids.ts';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';

/** Which message of which group a request was asked for with: beside its records, written once, before it is accepted. */
export interface Origins {
  put(requestId: string, origin: Origin): Promise<void>;
  /** The same for all attempts of a request and its reversal. */
  get(requestId: string): Promise<Origin | undefined>;
}

const keyOf = (requestId: string) => `origins/${originalOf(requestId)}.json`;

/** Whether an object of the records bucket is where a request was asked for. */
export function isOriginKey(key: string): boolean {
  const [, requestId = ''] = /^origins\/(.+)\.json$/.exec(key) ?? [];
  return isRequestId(requestId) && originalOf(requestId) === requestId;
}

export function createOrigins(records: ObjectStore): Origins {
  return {
    async put(requestId, { chat, message_id }) {
      await records.createIfAbsent(keyOf(requestId), Buffer.from(JSON.stringify({ chat, message_id })));
    },
    async get(requestId) {
      const body = await records.get(keyOf(requestId));
      return body && originSchema.parse(parseJson(body));
    },
  };
}
