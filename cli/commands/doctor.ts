import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Report } from '../doctor/examine.ts';
import { worstOf } from '../doctor/finding.ts';
import { printReport, summaryOf } from '../doctor/print-report.ts';
import { printJson } from '../inspect/terminal.ts';
import { type Io, Unsuccessful } from '../io.ts';
import { DEFAULT_STATE } from '../local-cloud.ts';
import { openEmbedded, openSetup } from '../setup/open-setup.ts';

interface Options {
  env?: string;
  state: string;
  json?: true;
}

export function doctorCommand(io: Io): Command {
  return new Command('doctor')
    .description('Say what of an environment is not as it should be, and how to mend it')
    .option('--env <name>', 'an environment of env.yaml, with this shell’s key; without it the embedded cloud')
    .option('--state <dir>', 'the folder of the embedded cloud', DEFAULT_STATE)
    .option(
      '--json',
      'print one JSON object: {"environment", "worst", "findings": [{"severity", "what", "seen", "mend"}]}',
    )
    .addHelpText(
      'after',
      `
It looks at the key and this machine's clock; buckets, bus, rules, targets, roles, commands against what setup would
make; the functions (role, variables, triggers) and their code against the last build here; the callback address, as
the platforms check it; apps, templates and scopes of DingTalk and Lark; chats; agents and scripts of the instances; an
event through the real rules; the sweeps; the month's quota. ✓ fine, · worth knowing, ! warning, ✗ error.

It changes nothing, but for this: it runs sha256sum on the instances, sends a probe over the bus, and asks Lark to
subscribe the app to its definitions, since Lark tells only so whether it is. No message goes to any group, and no value
of a variable is shown. The variables are those that the functions run with.

Exit code 0 if there is nothing to mend, 1 after an error, 3 after warnings alone.

Examples:
  $ npm run -s loop -- doctor
  $ npm run -s loop -- doctor --env prod --json
`,
    )
    .action((options: Options) => runDoctor(options, io));
}

async function runDoctor({ env, state, json }: Options, io: Io): Promise<void> {
  const setup = env === undefined ? await openEmbedded(io, resolve(io.root, state)) : await openSetup(io, { env });
  const { environmentName, region, accountId } = setup.target;
  // The official clients take half a second to load: other commands do not pay for them.
  const [{ examine }, { createPatient }] = await Promise.all([
    import('../doctor/examine.ts'),
    import('../doctor/patient.ts'),
  ]);
  if (!json) io.out(`${environmentName} in ${region}, account ${accountId}`);
  const tell = (report: Report) => (json ? undefined : printReport(io, report));
  const findings = await examine(createPatient(io.root, setup, env === undefined ? state : undefined), tell);
  const worst = worstOf(findings);
  if (json) printJson(io, { environment: environmentName, worst, findings });
  else io.out(summaryOf(findings));
  if (worst === 'error') throw new Unsuccessful();
  if (worst === 'warning') throw new Unsuccessful('warnings', 3);
}
