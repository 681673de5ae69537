import * as z from 'zod/mini';
import { requestIdSchema } from '../events.ts';
import { isInstanceId, PLATFORM_NAMES } from '../ids.ts';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * The open marker: it exists from before a request's first record until after its last, so that whatever fails in
 * between, the sweep finds the request. It carries what the accept step needs to start again from nothing.
 */
export const markerSchema = z.strictObject({
  request_id: requestIdSchema,
  platform: z.enum(PLATFORM_NAMES),
  instance_id: z.string().check(z.refine(isInstanceId)),
  /** Template code as the callback names it: a hint, confirmed by API before anything is accepted. */
  code: z.string().check(z.maxLength(128)),
  /** When it was first received, in ms since the epoch. */
  received_at: z.number(),
  /** For a reversal: the approval instance that asks for it, where that is another one than the one it reverses. */
  revocation: z.optional(z.string().check(z.refine(isInstanceId))),
  /** For an attempt that a person asked for: of which request, who, why, and whether only for instances that failed. */
  retry: z.optional(
    z.strictObject({
      of: requestIdSchema,
      by: z.string().check(z.maxLength(128)),
      reason: z.string().check(z.maxLength(512)),
      failed_only: z.boolean(),
      /** Only on these. */
      instances: z.optional(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(100))),
    }),
  ),
});
export type Marker = z.infer<typeof markerSchema>;

export interface Markers {
  /** Durable when this resolves; `exists` means that the request is open already. */
  put(marker: Marker): Promise<'created' | 'exists'>;
  /** Open requests, at most `limit`, in the order of their ids. */
  list(options?: { after?: string; limit?: number }): Promise<string[]>;
  get(requestId: string): Promise<Marker | undefined>;
  delete(requestId: string): Promise<void>;
}

const PREFIX = 'open/';

export function createMarkers(work: ObjectStore): Markers {
  return {
    put: (marker) => work.createIfAbsent(PREFIX + marker.request_id, Buffer.from(JSON.stringify(marker))),
    list: async ({ after, limit } = {}) => {
      const options = { ...(after === undefined ? {} : { after: PREFIX + after }), ...(limit ? { limit } : {}) };
      return (await work.list(PREFIX, options)).map((key) => key.slice(PREFIX.length));
    },
    get: async (requestId) => {
      const body = await work.get(PREFIX + requestId);
      return body && markerSchema.parse(parseJson(body));
    },
    delete: (requestId) => work.delete(PREFIX + requestId),
  };
}
