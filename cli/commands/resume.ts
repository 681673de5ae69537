import { Command } from 'commander';
import { liftPause, listPauses } from '../../shared/journal/pauses.ts';
import { describePause, pauseJson } from '../inspect/describe-pause.ts';
import { printJson } from '../inspect/terminal.ts';
import type { Io } from '../io.ts';
import { DEFAULT_STATE } from '../local-cloud.ts';
import { findStanding, openPauses, type PauseOptions } from '../operate/open-pauses.ts';

export function resumeCommand(io: Io): Command {
  return new Command('resume')
    .description('Lift the pause of one workflow, or the one of all')
    .argument('[workflow]', 'its name in workflows.yaml; without it the pause of all is lifted')
    .option('--env <name>', 'an environment of env.yaml, with the key of this shell (see setup --help)')
    .option('--state <dir>', 'folder of the running embedded cloud, without --env', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
What was approved meanwhile goes on within two minutes, however old it is; each approval that has waited for long is
read again first, so that one that was revoked meanwhile does not run. Every pause is lifted under its own name: those
that still stand are printed.

Exit code 0 if nothing pauses it any more under this name, also where nothing did.

Example:
  $ npm run -s loop -- resume onboarding
`,
    )
    .action((workflow: string | undefined, options: PauseOptions) => resume(workflow, options, io));
}

async function resume(named: string | undefined, options: PauseOptions, io: Io): Promise<void> {
  const { work, clock, workflow } = await openPauses(io, named, options);
  const lifted = await findStanding(work, workflow);
  if (lifted) await liftPause(work, workflow, clock.now());
  const left = await listPauses(work);
  if (options.json) {
    printJson(io, { changed: lifted !== undefined, workflow, still_paused: left.map(pauseJson) });
    return;
  }
  const name = workflow ?? 'everything';
  io.out(lifted ? `${name} is resumed` : `nothing changed: ${name} was not paused under this name`);
  for (const standing of left) io.out(`still: ${describePause(standing)}`);
}
