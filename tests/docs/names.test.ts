import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../cli/command-line.ts';
import { type Page, readPages, spansOf } from './read-docs.ts';

const pages = readPages().map((page) => [page.path, page] as const);
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

const FOLDERS = 'bench|bin|build|chaos|cli|connector|docs|functions|local|scripts|setup|shared|tests';

/** Paths of the repository between backticks; one with a placeholder, such as `docs/examples/<workflow>.json`, is none. */
const pathsOf = (page: Page) =>
  spansOf(page).filter((span) => new RegExp(`^(${FOLDERS})/[\\w./-]*$`).test(span) && !span.includes('…'));

test.each(pages)('every file and folder that %s names between backticks is there', (_, page) => {
  expect(pathsOf(page).filter((path) => !isThere(path))).toEqual([]);
});

/** The tests of one thing may be named by what their names begin with, as jest takes it. */
function isThere(path: string): boolean {
  return existsSync(join(ROOT, path)) || existsSync(join(ROOT, `${path}.test.ts`));
}

test.each(pages)('every npm script that %s names is one', (_, { text }) => {
  const named = [...text.matchAll(/\bnpm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('the pages name paths and scripts at all', () => {
  expect(pages.flatMap(([, page]) => pathsOf(page)).length).toBeGreaterThan(50);
  expect(isThere('docs/nowhere.md')).toBe(false);
  expect(scripts).not.toHaveProperty('nothing');
});
