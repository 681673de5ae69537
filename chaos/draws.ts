import { createHash } from 'node:crypto';

/** Numbers from 0 up to 1. */
export interface Draws {
  /** The next number of this name: the same seed gives the same sequence, whatever happens in between. */
  next(name: string): number;
  /** One of the items. */
  pick<T>(name: string, items: readonly [T, ...T[]]): T;
  /** One item after the other, beginning where the seed says: as many draws as there are items meet every one. */
  turn<T>(name: string, items: readonly [T, ...T[]]): T;
  /** One of the names, each as likely as its weight says. */
  weighted<K extends string>(name: string, weights: Readonly<Record<K, number>>): K | undefined;
}

/**
 * Each name has a sequence of its own, so that what meets the third read of a record does not depend on which of two
 * processes was faster elsewhere.
 */
export function createDraws(seed: number): Draws {
  const counts = new Map<string, number>();
  const digest = (text: string) => createHash('sha256').update(`${seed}/${text}`).digest().readUInt32BE(0);
  const next = (name: string) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return digest(`${name}/${count}`) / 2 ** 32;
  };
  return {
    next,
    pick: (name, items) => items[Math.floor(next(name) * items.length)] ?? items[0],
    turn(name, items) {
      const turns = counts.get(`${name}/turns`) ?? 0;
      counts.set(`${name}/turns`, turns + 1);
      return items[(digest(`${name}/first`) + turns) % items.length] ?? items[0];
    },
    weighted(name, weights) {
      const names = Object.keys(weights).filter((key): key is keyof typeof weights => Object.hasOwn(weights, key));
      const total = names.reduce((sum, key) => sum + weights[key], 0);
      let left = next(name) * total;
      return names.find((key) => {
        left -= weights[key];
        return left < 0;
      });
    },
  };
}
