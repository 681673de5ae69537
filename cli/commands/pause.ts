import { Command } from 'commander';
import { type Pause, putPause } from '../../shared/journal/pauses.ts';
import { oneLine } from '../../shared/message/neutralise.ts';
import { describePause, pauseJson } from '../inspect/describe-pause.ts';
import { printJson } from '../inspect/terminal.ts';
import { type Io, UsageError } from '../io.ts';
import { DEFAULT_STATE } from '../local-cloud.ts';
import { findStanding, openPauses, type PauseOptions } from '../operate/open-pauses.ts';

interface Options extends PauseOptions {
  reason: string;
  by?: string;
}

const MAX_REASON_BYTES = 512;
const MAX_NAME_BYTES = 128;

export function pauseCommand(io: Io): Command {
  return new Command('pause')
    .description('Keep runs from starting, of one workflow or of all; what is approved meanwhile is kept')
    .argument('[workflow]', 'its name in workflows.yaml; all of them without it')
    .requiredOption('--reason <text>', 'why, for the message to those who wait')
    .option('--by <name>', 'who asks for it (default: the user of this shell)')
    .option('--env <name>', 'an environment of env.yaml, with the key of this shell (see setup --help)')
    .option('--state <dir>', 'folder of the running embedded cloud, without --env', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Approvals are received, accepted and recorded as ever, and each says once in its group that it waits, and why. A run
that has started goes on ("requests stop" ends it), and one whose start is under way at this moment still starts.
Reversals go through: they take rights away. A pause has no end of its own; "resume" lifts it.

Exit code 0 if it is paused, by this command or already: then the pause that stands is printed.

Examples:
  $ npm run -s loop -- pause --reason "the ECS zone is down"
  $ npm run -s loop -- pause onboarding --reason "the script is being changed" --env prod
`,
    )
    .action((workflow: string | undefined, options: Options) => pause(workflow, options, io));
}

async function pause(named: string | undefined, options: Options, io: Io): Promise<void> {
  const reason = oneLine(options.reason, MAX_REASON_BYTES);
  if (reason === '') throw new UsageError('--reason is empty; say why, for those who wait');
  const by = oneLine(options.by ?? io.env['USER'] ?? '', MAX_NAME_BYTES) || 'operator';
  const { work, clock, workflow } = await openPauses(io, named, options);
  const wanted: Pause = { kind: 'person', at: clock.now(), by, reason };
  const changed = (await putPause(work, { workflow, pause: wanted })) === 'created';
  const standing = changed ? { workflow, pause: wanted } : await findStanding(work, workflow);
  if (!standing) throw new Error('somebody has lifted the pause at this moment; try again');
  if (options.json) printJson(io, { changed, ...pauseJson(standing) });
  else io.out(changed ? describePause(standing) : `nothing changed: ${describePause(standing)}`);
}
