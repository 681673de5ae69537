import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cli/command-line.ts';

/** A page that people read. */
export interface Page {
  /** As seen from the repository: `docs/replay.md`. */
  path: string;
  text: string;
}

/** A fenced block: the word behind its fence, or '' where there is none. */
export interface Block {
  language: string;
  text: string;
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** The README and every page of docs/. */
export function readPages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`)].map(readPage);
}

export function blocksOf({ text }: Page): Block[] {
  const blocks = text.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].map(([, language = '', block = '']) => ({ language, text: block }));
}

/** What is not in a fence. */
export function proseOf({ text }: Page): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}

/** What stands between backticks outside of fences. */
export function spansOf(page: Page): string[] {
  return [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** The anchors of a page, as GitHub makes them: lower case, words joined by hyphens, punctuation left out. */
export function anchorsOf(page: Page): string[] {
  const headings = [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}
