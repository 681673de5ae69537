import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Change } from '../../setup/change.ts';
import { applySettings } from '../../setup/environments/apply-settings.ts';
import { namesOf } from '../../shared/names.ts';
import { buildFunctions } from '../deploy/build-functions.ts';
import { checkFiles, requireValues } from '../deploy/check-files.ts';
import { runS } from '../deploy/run-s.ts';
import type { Io } from '../io.ts';
import { type DeployEnvironment, readDeployEnvironment } from '../setup/deploy-environment.ts';
import { openReal } from '../setup/open-setup.ts';
import { countChanges, printDiff, refuseObstacles } from '../setup/print-changes.ts';

interface Options {
  dryRun?: true;
  adopt?: true;
}

export function deployCommand(io: Io): Command {
  return new Command('deploy')
    .description('Build, check, deploy the functions of one environment, and set up what they stand on')
    .argument('<env>', 'an environment of env.yaml')
    .option('--dry-run', 'build, check, show what would be done, and change nothing')
    .option('--adopt', 'take over what has the name of something of ours and was not made by us (see setup --help)')
    .addHelpText(
      'after',
      `
In this order: the build; the checks of workflows.yaml and of s.yaml with the environment's values of env.yaml; the
plan; what functions stand on (buckets, commands, roles); "s deploy" with its usage report off; bus and rules. What is
done already is not done twice, so that after a failure the same command goes on.

This shell has to have ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIYUN_ACCOUNT_ID, and the
variables that s.yaml and workflows.yaml name. No secret stands on a command line. SERVERLESS_DEVS names another "s"
than that of package.json.

Examples:
  $ npm run -s loop -- deploy prod --dry-run
  $ npm run -s loop -- deploy dev
`,
    )
    .action((name: string, options: Options) => deploy(name, options, io));
}

async function deploy(name: string, options: Options, io: Io): Promise<void> {
  const environment = await readDeployEnvironment(io, name);
  await buildFunctions(io);
  const yaml = applySettings(await readFile(join(io.root, 's.yaml'), 'utf8'), name, environment.settings);
  await checkFiles({ ...io, env: { ...io.env, LOOP_ENVIRONMENT: name } }, name, yaml);
  await requireValues(io, name, yaml);
  const { input, ...opened } = await openReal(io, name);
  const target = { ...opened.target, adopt: options.adopt === true };
  // The official clients take half a second to load: other commands do not pay for them.
  const { setUp } = await import('../../setup/set-up.ts');
  const { planFunctions } = await import('../../setup/functions.ts');
  printPlan(io, environment);
  const { changes: rest } = await setUp({ ...target, lookOnly: true }, input);
  const planned = [...(await planFunctions(target)), ...rest];
  printDiff(io, planned);
  refuseObstacles(planned, io);
  if (options.dryRun) return io.out('nothing has been changed');
  const before = await setUp(target, { ...input, withoutBus: true });
  refuseObstacles(before.changes, io);
  await runS(io, { verb: 'deploy', yaml }, environment);
  requireFunctions(await planFunctions(target));
  const { changes } = await setUp(target, input);
  io.out(`${name} is deployed; before: ${countChanges(before.changes)}; after: ${countChanges(changes)}`);
}

/** The tool's word is not enough. */
function requireFunctions(changes: readonly Change[]): void {
  const missing = changes.filter(({ did }) => did === 'created').map(({ name }) => name);
  if (missing.length === 0) return;
  const what = `"s deploy" ended well, but Function Compute does not know ${missing.join(', ')}`;
  throw new Error(`${what}; see what it said above, then run deploy again`);
}

function printPlan(io: Io, { environmentName, region, accountId, settings }: DeployEnvironment): void {
  io.out(`${environmentName} in ${region}, account ${accountId}`);
  const names = namesOf(environmentName, accountId);
  for (const name of ['ingest', 'dispatch', 'notify'] as const) {
    const { cpu, memory, timeout, min_instances = 0 } = settings.functions[name];
    const warm = min_instances > 0 ? `, ${min_instances} kept warm` : '';
    io.out(`  ${names.function(name)}: ${cpu} vCPU, ${memory} MB, ${timeout} s${warm}`);
  }
}
