const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait before the next attempt: at most a second after a connection that stood for a while, so that many
 * processes whose server goes away do not come back as one; after `failures` in a row twice as long each time, up to a
 * minute, and of that between half and all.
 */
export function backoffMs(failures: number, random: () => number): number {
  if (failures === 0) return Math.floor(random() * FIRST_MS);
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.floor(longest / 2 + (random() * longest) / 2);
}
