import { Command } from 'commander';
import { printJson } from '../inspect/terminal.ts';
import type { Io } from '../io.ts';
import { openSetup } from '../setup/open-setup.ts';
import { countChanges, printDiff, refuseObstacles } from '../setup/print-changes.ts';

interface Options {
  env: string;
  dryRun?: true;
  state?: string;
  json?: true;
}

export function setupCommand(io: Io): Command {
  return new Command('setup')
    .description('Make and repair what s.yaml cannot: buckets, bus, rules, commands, scripts, roles')
    .requiredOption('--env <name>', 'the environment: one of env.yaml, after which everything is named')
    .option('--dry-run', 'show the difference and change nothing')
    .option('--state <dir>', 'the embedded cloud on this folder, instead of the cloud of this shell’s key')
    .option('--json', 'print one JSON object: {"changes": […]}')
    .addHelpText(
      'after',
      `
Shows first what differs (+ create, ~ repair, > send, ! skip, ? not ours), then does it, without a question. Safe to
run again at any time: what is as it should be stays as it is, and what setup has not made is never touched.

The region comes from env.yaml; key and account from this shell: ALIBABA_CLOUD_ACCESS_KEY_ID,
ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN (for temporary keys), ALIYUN_ACCOUNT_ID; the instances
from the variables that workflows.yaml names. On an embedded cloud (--state) no roles are made: it has none.

Exit code 0 if all is as it should be afterwards, 1 if a role or policy of the same name is somebody else's.

Examples:
  $ npm run -s loop -- setup --env prod --dry-run
  $ npm run -s loop -- setup --env dev --state .approval-loop
`,
    )
    .action((options: Options) => runSetup(options, io));
}

/** Shows the difference, and makes it go away unless only looking was asked for. */
export async function runSetup(options: Options, io: Io): Promise<void> {
  const { target, input } = await openSetup(io, options);
  // The official clients take half a second to load: other commands do not pay for them.
  const { setUp } = await import('../../setup/set-up.ts');
  const wanted = await setUp({ ...target, lookOnly: true }, input);
  if (!options.json) {
    io.out(`${target.environmentName} in ${target.region}, account ${target.accountId}`);
    printDiff(io, wanted.changes);
  }
  const { changes } = options.dryRun ? wanted : await setUp(target, input);
  if (options.json) printJson(io, { environment: target.environmentName, dry_run: options.dryRun === true, changes });
  else io.out(options.dryRun ? 'nothing has been changed' : `done: ${countChanges(changes)}`);
  refuseObstacles(changes, io);
}
