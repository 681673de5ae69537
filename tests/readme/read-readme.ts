import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cli/command-line.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const SHELLS = ['sh', 'shell', 'bash', 'console', 'zsh'];
const DATA = ['', 'json', 'yaml', 'text', 'mermaid'];

/** Fenced blocks by the word behind the fence; '' for those without one. */
function blocksOf(language: string): string[] {
  const blocks = README.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, word = '', text = '']) => (word === language ? [text] : []));
}

/** Every command of the shell blocks, in their order; a line may hold several. */
export function shellCommands(): string[] {
  const blocks = SHELLS.flatMap(blocksOf);
  return blocks.flatMap((block) => block.split(/\n|&&|;|\|/)).flatMap((command) => command.trim() || []);
}

/** Fences that are neither a shell's nor data nor a drawing: a command must not hide behind another word. */
export function otherFences(): string[] {
  return [...README.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, word = '', text = '']) =>
    SHELLS.includes(word) || (DATA.includes(word) && !/^ *([$#%>]|npm|npx|node) /m.test(text)) ? [] : [text],
  );
}

/** What stands between backticks and begins with the name of a program. */
export function inlineCommands(): string[] {
  const spans = README.replaceAll(/^```.*?^```$/gms, '').matchAll(/`((?:npm|npx|node)(?: [^`]+)?)`/g);
  return [...new Set([...spans].map(([, command = '']) => command))];
}

/** The output that the README shows for the demo. */
export function demoExcerpt(): string {
  return /^<!-- demo -->\n```\n(.*?)^```$/ms.exec(README)?.[1] ?? '';
}

/** Rows of the table whose head begins so: the text of each cell. */
export function tableRows(head: string): string[][] {
  const table = README.slice(README.indexOf(`| ${head} |`)).split('\n\n')[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

/** The text with numbers, ids and times made equal, and without space at the end of lines. */
export function mask(output: string): string[] {
  return (
    output
      .replaceAll(/\b(dingtalk|lark)\.[\w-]{36}/g, '$1.…')
      .replaceAll(/记录 [0-9a-f]{12}/g, '记录 …')
      .replaceAll(/\b([ti])-\w+/g, '$1-…')
      .replaceAll(/(approval-loop-dev-onboarding)-[0-9a-f]{12}/g, '$1-…')
      .replaceAll(/(https:\/\/applink\.(?:dingtalk|feishu)\.\w+\/)[^)]+/g, '$1…')
      // How many states a card shows on its way depends on how fast they follow each other.
      .replaceAll(/changed (?:once|\d times)/g, 'changed # times')
      .replaceAll(/\d+…?/g, '#')
      .replaceAll(/用时不到 # 秒/g, '用时 # 秒')
      .replaceAll(/^ *# ms/gm, '# ms')
      .split('\n')
      .map((line) => line.trimEnd())
  );
}
