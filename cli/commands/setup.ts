import { Command } from 'commander';
import { printJson } from '../inspect/terminal.ts';
import type { Io } from '../io.ts';
import { openSetup } from '../setup/open-setup.ts';
import { countChanges, printDiff, refuseObstacles } from '../setup/print-changes.ts';

interface Options {
  env: string;
  dryRun?: true;
  adopt?: true;
  state?: string;
  json?: true;
}

export function setupCommand(io: Io): Command {
  return new Command('setup')
    .description('Make and repair what s.yaml cannot: buckets, bus, rules, commands, scripts, roles, alerts')
    .requiredOption('--env <name>', 'the environment: one of env.yaml, after which everything is named')
    .option('--dry-run', 'show the difference and change nothing')
    .option('--adopt', 'take over what has the name of something of ours and was not made by setup')
    .option('--state <dir>', 'the embedded cloud on this folder, instead of the cloud of this shell’s key')
    .option('--json', 'print one JSON object: {"changes": […]}')
    .addHelpText(
      'after',
      `
Shows first what differs (+ create, ~ repair, > send, ! skip, ? not ours, x refuse), then does it, without a question.
Safe to run again at any time: what is as it should be stays as it is, and what setup has not made is never touched. It
knows its own by a mark: a description that begins "Made by approval-loop setup", on buckets the tag and on alerts the
label approval-loop-environment. Where something without it has the name of ours it does nothing at all and says so; --adopt
marks such a thing and brings it to what it should be.

The region comes from env.yaml; key and account from this shell: ALIBABA_CLOUD_ACCESS_KEY_ID,
ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN (for temporary keys), ALIYUN_ACCOUNT_ID; the instances
from the variables that workflows.yaml names. With LARK_APP_ID and LARK_APP_SECRET the events of every approval
definition are subscribed to: a dry run cannot tell whether they are, as Lark says so only when it does it. Alerts are
made once there is a log to ask, that is after the first deploy. Secrets that env.yaml takes from KMS are looked for, and
those that are missing named.

Exit code 0 if all is as it should be afterwards; 1 if something is in the way that setup does not change.

Examples:
  $ npm run -s loop -- setup --env prod --dry-run
  $ npm run -s loop -- setup --env prod --adopt --dry-run
  $ npm run -s loop -- setup --env dev --state .approval-loop
`,
    )
    .action((options: Options) => runSetup(options, io));
}

/** Shows the difference, and makes it go away unless only looking was asked for. */
export async function runSetup(options: Options, io: Io): Promise<void> {
  const { input, ...opened } = await openSetup(io, options);
  const target = { ...opened.target, adopt: options.adopt === true };
  // The official clients take half a second to load: other commands do not pay for them.
  const { setUp } = await import('../../setup/set-up.ts');
  const wanted = await setUp({ ...target, lookOnly: true }, input);
  if (!options.json) {
    io.out(`${target.environmentName} in ${target.region}, account ${target.accountId}`);
    printDiff(io, wanted.changes);
  }
  const isStopped = options.dryRun || wanted.changes.some(({ did }) => did === 'refused');
  const { changes } = isStopped ? wanted : await setUp(target, input);
  if (options.json) printJson(io, { environment: target.environmentName, dry_run: isStopped, changes });
  else io.out(isStopped ? 'nothing has been changed' : `done: ${countChanges(changes)}`);
  refuseObstacles(changes, io);
}
