import { readPage } from './read-docs.ts';
import { rowsOf } from './tables.ts';

const rows = rowsOf(readPage('docs/security.md'));

test('the page has a row for everybody who could do harm, and says of each what is not stopped', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !('is not stopped' in row))).toEqual([]);
});

test.each(rows.map((row) => [row['who'] ?? row['what'], row] as const))(
  '%s: what stops it is shown by test files, or the page says that there is no test',
  (_, row) => {
    const shownBy = row['shown by'] ?? '';
    const files = [...shownBy.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
    // tests/docs/names.test.ts looks whether each of them is there.
    if (files.length === 0) expect(shownBy).toMatch(/^no test: \w/);
    for (const path of files) expect(path).toMatch(/^tests\/.+\.test\.ts$/);
    if (files.length > 0) expect(row['is stopped by']).not.toBe('');
  },
);
