import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run fuzz -- [--minutes N] [--target NAME] [--seed S] [--path P]

Throws hostile input at everything that reads from outside, one second for each target in turn.

  --minutes N    how long, 1 by default; fractions are fine
  --target NAME  only this one: NAMES
  --seed S       where to begin; by default somewhere else each time
  --path P       with --target and --seed: only the case that a failure named
  --help         this text

Ctrl-C ends the run after the cases that are under way, with the figures so far.
Exit code: 0 nothing found, 1 a case failed or memory grew, 2 wrong arguments.
`;

export interface FuzzArguments {
  minutes: number;
  target?: string;
  seed: number;
  path?: string;
}

/** What the command line asks for; a text says what is wrong with it. */
export function parseArguments(
  words: readonly string[],
  names: readonly string[],
  anySeed: number,
): FuzzArguments | 'help' | { fault: string } {
  const options = {
    minutes: { type: 'string' },
    target: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true });
    const { minutes = '1', target, seed = String(anySeed), path } = values;
    if (values.help) return 'help';
    if (!/^\d+(\.\d+)?$/.test(minutes) || Number(minutes) === 0)
      return { fault: `--minutes ${minutes} is no number above 0` };
    if (!/^-?\d{1,10}$/.test(seed)) return { fault: `--seed ${seed} is no whole number` };
    if (target !== undefined && !names.includes(target))
      return { fault: `--target ${target} is none of ${names.join(', ')}` };
    if (path !== undefined && !/^\d+(:\d+)*$/.test(path)) return { fault: `--path ${path} is no path of a case` };
    if (path !== undefined && (target === undefined || values.seed === undefined))
      return { fault: '--path needs --target and --seed' };
    return {
      minutes: Number(minutes),
      seed: Number(seed),
      ...(target === undefined ? {} : { target }),
      ...(path === undefined ? {} : { path }),
    };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
