import { createHash } from 'node:crypto';

/** `count` of the items in their order; the same ones for the same seed. */
export function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  const place = (index: number) => createHash('sha256').update(`${seed}/${index}`).digest('hex');
  const chosen = items.map((_, index) => index).sort((a, b) => (place(a) < place(b) ? -1 : 1));
  const kept = new Set(chosen.slice(0, count));
  return items.filter((_, index) => kept.has(index));
}
