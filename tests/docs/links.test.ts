import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../cli/command-line.ts';
import { anchorsOf, proseOf, readPage, readPages } from './read-docs.ts';

const pages = readPages();

/** Links of a page to files here: the path as seen from the repository, and the heading. */
const linksOf = (page: (typeof pages)[number]) =>
  [
    ...proseOf(page)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g),
  ].map(([link, path = '', anchor]) => ({
    link,
    path: path === '' ? page.path : normalize(join(dirname(page.path), path)),
    anchor,
  }));

test.each(pages.map((page) => [page.path, page] as const))('every link of %s leads to a file or folder', (_, page) => {
  const missing = linksOf(page).filter(({ path }) => !existsSync(join(ROOT, path)));
  expect(missing).toEqual([]);
});

test.each(pages.map((page) => [page.path, page] as const))('every link of %s to a heading finds it', (_, page) => {
  const wrong = linksOf(page).filter(
    ({ path, anchor }) => anchor !== undefined && !anchorsOf(readPage(path)).includes(anchor),
  );
  expect(wrong).toEqual([]);
});

test('every page of docs/ is linked from the README', () => {
  const [readme] = pages;
  if (!readme) throw new Error('there is no README');
  const linked = linksOf(readme).map(({ path }) => path);
  expect(pages.map(({ path }) => path).filter((path) => path !== 'README.md' && !linked.includes(path))).toEqual([]);
});

test('no heading of a page stands there twice, so that a link to it is one to it alone', () => {
  const doubled = pages.flatMap((page) => {
    const anchors = anchorsOf(page);
    return anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index).map((anchor) => [page.path, anchor]);
  });
  expect(doubled).toEqual([]);
});

test.each([
  ['Three ways to the group', 'three-ways-to-the-group'],
  ['The recipe, and what is true', 'the-recipe-and-what-is-true'],
  ['What differs: env.yaml', 'what-differs-envyaml'],
  ['`audit verify`', 'audit-verify'],
  ['审批模板 🎉 与群', '审批模板--与群'],
])('the heading %j is #%s', (heading, anchor) => {
  expect(anchorsOf({ path: 'page.md', text: `# ${heading}\n\n\`\`\`sh\n# no heading\n\`\`\`\n` })).toEqual([anchor]);
});
