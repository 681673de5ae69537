import { createHash } from 'node:crypto';

/** Ids of tasks and comments are 19 digits, which no double holds: they travel as text. */
export function digitId(randomBytes: (n: number) => Buffer): string {
  return String(7_000_000_000_000_000_000n + (randomBytes(8).readBigUInt64BE() % 1_000_000_000_000_000_000n));
}

/** `om_…`, `oc_…` and the like: a prefix and 32 hex digits. */
export function hexId(prefix: string, randomBytes: (n: number) => Buffer): string {
  return prefix + randomBytes(16).toString('hex');
}

/** The same for something that has a name already, so that it stays the same for ever. */
export function derivedId(prefix: string, ...names: string[]): string {
  return prefix + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 32);
}
