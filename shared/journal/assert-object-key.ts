import { isObjectKey } from './object-store.ts';

/** Throws on a key that no store accepts: such a key is a fault of ours, never the platform's. */
export function assertObjectKey(key: string): void {
  if (isObjectKey(key)) return;
  throw new TypeError(`${JSON.stringify(key.slice(0, 200))} is no object key: use segments of A-Z a-z 0-9 _ . -`);
}
