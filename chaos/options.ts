import { Command, InvalidArgumentError } from 'commander';
import type { Io } from '../cli/io.ts';

export interface ChaosOptions {
  approvals: number;
  /** The same seed makes the same people ask for the same things and the same calls fail. */
  seed: number;
  /** Per cent of everything that is disturbed. */
  faults: number;
  speed: number;
  json?: true;
}

const number =
  (what: string, least: number, most: number, whole = true) =>
  (text: string): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`${what} is ${least} to ${most}.`);
  };

/** `npm run chaos -- …`; `run` does it. */
export function chaosCommand(io: Io, run: (options: ChaosOptions) => Promise<void>): Command {
  return new Command('chaos')
    .description(
      'Many approvals through the embedded cloud while things fail, and a check from outside of what is left',
    )
    .option('--approvals <n>', 'how many approvals people submit', number('a number of approvals', 1, 100_000), 60)
    .option('--seed <n>', 'which approvals, and what fails', number('a seed', 0, 2 ** 32), 1)
    .option(
      '--faults <percent>',
      'how many of the events, callbacks and invocations are disturbed; of the calls a quarter of that',
      number('a percentage', 0, 60, false),
      20,
    )
    .option('--speed <n>', 'how fast the time of the cloud runs', number('a speed', 2, 600, false), 60)
    .option('--json', 'print one JSON object instead')
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)')
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .addHelpText(
      'after',
      `
The object of --json holds approvals, provisioned, refused, declined, failed, lost, double_runs, wrong_values, overlaps,
missing_final, duplicate_final, repeats_after_crash, repeats_shown, misleading, uninvited, left_open, litter,
journal_ok, problems, ways, seed, duration_ms, faults, not_drawn.

Exit codes: 0 nothing is lost or doubled and the journal verifies, 1 otherwise, 2 wrong usage, 130 Ctrl-C.
What is disturbed, and what is guaranteed all the same: docs/reliability.md.

Example:
  $ npm run chaos -- --approvals 1000 --seed 7 --faults 20
`,
    )
    .action(run);
}
