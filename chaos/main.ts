import { CommanderError } from 'commander';
import { type Io, paint } from '../cli/io.ts';
import { errorMessage } from '../shared/errors.ts';
import { type ChaosOptions, chaosCommand } from './options.ts';
import { holds } from './oracle.ts';
import { formatReport } from './report.ts';
import { runChaos } from './run.ts';

/** Runs one command line and returns its exit code: 0 all holds, 1 not, 2 wrong usage, 130 interrupted. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let code = 1;
  try {
    await chaosCommand(io, async (options) => {
      code = await chaos(options, io);
    }).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (io.signal.aborted) return 130;
    io.err(`${paint(io).red('error')}: ${errorMessage(error)}`);
    return 1;
  }
}

async function chaos(options: ChaosOptions, io: Io): Promise<number> {
  const say = options.json ? () => {} : (line: string) => io.err(line);
  const report = await runChaos(options, { root: io.root, signal: io.signal, say });
  if (options.json) io.out(JSON.stringify(report));
  else for (const line of formatReport(report, io)) io.out(line);
  return holds(report) ? 0 : 1;
}
