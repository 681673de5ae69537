/**
 * What the journal needs of a store, and no more. Implementations: `oss-store.ts` (the cloud's object storage),
 * `directory-store.ts` (a folder, also the disk under the embedded object storage). One test suite serves both.
 */
export interface ObjectStore {
  /**
   * Stores `body` under `key` only if the key does not exist. `exists` means somebody else was first, with one
   * exception the caller must know: a put whose answer was lost, repeated by this writer, also says `exists`.
   */
  createIfAbsent(key: string, body: Buffer): Promise<'created' | 'exists'>;
  /** The bytes, or undefined if there is no such key. */
  get(key: string): Promise<Buffer | undefined>;
  /** Keys with this prefix in UTF-8 order, strongly consistent; at most `limit` (default 1,000, `ALL_KEYS` for no limit) after `after`. */
  list(prefix: string, options?: { after?: string; limit?: number }): Promise<string[]>;
  /** Deletes the key; a missing key is no error. */
  delete(key: string): Promise<void>;
}

/** A `limit` for all there are: the store goes through the pages itself. */
export const ALL_KEYS = Number.POSITIVE_INFINITY;

/** Keys are paths of `[A-Za-z0-9_.-]` segments that do not start with a dot, so they are safe in a folder and a URL. */
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}(\/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}){0,7}$/;

export function isObjectKey(key: string): boolean {
  return KEY.test(key);
}
