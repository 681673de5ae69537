import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { chaosCommand } from '../../chaos/options.ts';
import { createProgram } from '../../cli/main.ts';
import { ROOT } from '../cli/command-line.ts';
import { ioOf } from '../cli/ops-cloud.ts';
import { parseArguments } from '../fuzz/arguments.ts';
import { blocksOf, type Page, readPages, spansOf } from './read-docs.ts';

const pages = readPages().map((page) => [page.path, page] as const);
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

/** The words of a command as a shell would part them; `<anything you have>` is one, and `…` none. */
function wordsOf(command: string): string[] {
  const own = command.replaceAll(/<[^<>]+>/g, 'placeholder').split(/\s(?:<<|[|>#])/)[0] ?? '';
  const words = [...own.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)];
  return words.map(([, double, single, plain]) => double ?? single ?? plain ?? '').filter((word) => word !== '…');
}

interface Line {
  /** As it stands on the page. */
  line: string;
  /** The npm script, and what it is given behind `--`. */
  script: string;
  args: string[];
}

/** What npm would run of the shell blocks and the sentences of a page. */
function npmLinesOf(page: Page): Line[] {
  const blocks = blocksOf(page).filter(({ language }) => language === 'sh');
  const lines = [...blocks.flatMap(({ text }) => text.split('\n')), ...spansOf(page)];
  const commands = lines.flatMap((line) => line.split(/ && | \| /)).map((line) => line.trim());
  return commands.flatMap((line) => {
    const match =
      /^(?:[A-Z_]+=\S+ )*npm (?:run (?:-s )?(?<run>[a-z:]+)|(?<own>start|test)\b)(?: +-- *(?<args>.*))?/.exec(line);
    if (!match?.groups) return [];
    const { run, own, args = '' } = match.groups;
    return [{ line, script: run ?? own ?? '', args: wordsOf(args) }];
  });
}

const LOOP = 'node bin/approval-loop.mjs';

/** The words that the command line of the loop gets; none for another program. */
function loopArguments({ script, args }: Line): string[] | undefined {
  const text = scripts[script] ?? '';
  if (!text.startsWith(LOOP)) return undefined;
  return [...text.slice(LOOP.length).split(' ').filter(Boolean), ...args];
}

/** What the real program complains of; its commands do nothing here. */
async function faultOf(program: Command, args: readonly string[]): Promise<string | undefined> {
  disarm(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    const { exitCode, message } = z.object({ exitCode: z.number(), message: z.string() }).parse(error);
    return exitCode === 0 ? undefined : message;
  }
}

function disarm(command: Command): void {
  if (command.commands.length === 0) command.action(() => {});
  for (const child of command.commands) disarm(child);
}

const loop = (args: readonly string[]) => faultOf(createProgram(ioOf([])), args);

test.each(pages)('the loop takes every command line of %s', async (_, page) => {
  for (const line of npmLinesOf(page)) {
    const args = loopArguments(line);
    if (args) expect({ ...line, fault: await loop(args) }).toEqual({ ...line, fault: undefined });
  }
});

test.each(pages)('the chaos run and the fuzzer take every command line of %s', async (_, page) => {
  for (const { line, script, args } of npmLinesOf(page)) {
    if (script === 'chaos')
      expect([
        line,
        await faultOf(
          chaosCommand(ioOf([]), async () => {}),
          args,
        ),
      ]).toEqual([line, undefined]);
    if (script === 'fuzz')
      expect([line, parseArguments(args, [], 1)]).toEqual([line, expect.objectContaining({ seed: 1 })]);
  }
});

/** Lines of the log, and commands of Serverless Devs, that begin as commands of ours do. */
const OTHERS = [
  'callback verified',
  'callback rejected',
  'callback answered',
  'callback failed',
  'local start',
  'local invoke',
];

/** `requests retry … --reason`: a command in a sentence, by its name alone. */
function namedCommand(words: readonly string[]): Command | undefined {
  const group = createProgram(ioOf([])).commands.find((command) => command.name() === words[0]);
  if (!group || group.commands.length === 0) return group;
  return group.commands.find((command) => command.name() === words[1]);
}

test.each(pages)('every command that %s names in short is one, with the options that it names', (_, page) => {
  const groups = createProgram(ioOf([])).commands.map((command) => command.name());
  for (const span of spansOf(page)) {
    const words = wordsOf(span);
    if (words.length < 2 || !groups.includes(words[0] ?? '') || OTHERS.includes(span)) continue;
    const known = namedCommand(words)?.options.map(({ long }) => long) ?? ['no such command'];
    const named = words.filter((word) => word.startsWith('--'));
    expect({ span, unknown: named.filter((option) => !known.includes(option)) }).toEqual({ span, unknown: [] });
    expect({ span, command: namedCommand(words)?.name() }).toEqual({ span, command: expect.any(String) });
  }
});

test.each([
  ['npm run -s loop -- requests retry <id> --reason "为了 🎉"', undefined],
  ['npm run -s loop -- why <anything you have>', undefined],
  ['npm start -- --port 0', undefined],
  ['npm run deploy -- dev --dry-run', undefined],
  ['npm run deploy -- dev --dryrun', "error: unknown option '--dryrun'\n(Did you mean --dry-run?)"],
  ['npm run -s loop -- requests show', "error: missing required argument 'id'"],
  ['npm run -s loop -- why E123 E124', expect.stringContaining('too many arguments')],
  ['npm run demo -- --platform wechat', expect.stringContaining('Allowed choices are dingtalk, lark')],
])('%s: %j', async (command, fault) => {
  const [line] = npmLinesOf({ path: 'page.md', text: `\`\`\`sh\n${command}\n\`\`\`\n` });
  expect(await loop((line && loopArguments(line)) ?? [])).toEqual(fault);
});
