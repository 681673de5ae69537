/**
 * The name that somebody most likely meant: the same but for case, hyphens and underscores, or at most one slip in four
 * letters away. A slip is a letter too many, missing, wrong, or swapped with its neighbour.
 */
export function nearMiss(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  const ranked = [...candidates]
    .map((candidate) => ({ candidate, slips: countSlips(wanted, plain(candidate)) }))
    .filter(({ candidate, slips }) => slips <= Math.max(1, Math.floor(plain(candidate).length / 4)))
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.candidate;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** Damerau-Levenshtein distance, restricted: optimal string alignment. */
function countSlips(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const wrong = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next.push(
        Math.min(
          at(last, column) + 1,
          at(next, column - 1) + 1,
          at(last, column - 1) + wrong,
          swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = next;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
