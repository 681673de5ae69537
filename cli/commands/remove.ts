import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Change } from '../../setup/change.ts';
import { applySettings } from '../../setup/environments/apply-settings.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog, formatLogLine } from '../../shared/log.ts';
import { runS } from '../deploy/run-s.ts';
import type { Io } from '../io.ts';
import { type DeployEnvironment, readDeployEnvironment } from '../setup/deploy-environment.ts';
import { countChanges, printChanges, refuseObstacles } from '../setup/print-changes.ts';

export function removeCommand(io: Io): Command {
  return new Command('remove')
    .description('Remove the functions of one environment and what setup has made for it, but for its records')
    .argument('<env>', 'an environment of env.yaml')
    .option('--yes', 'do it; without this only what would be done is shown')
    .addHelpText(
      'after',
      `
Removes the functions ("s remove"), then alerts, rules, bus, commands, roles and policies. It keeps both buckets, which hold the
records of every request, and whatever somebody else has made; it says so at the end. Scripts stay on the instances,
where nothing calls them any more. Requests that are open stay open: the next deploy goes on with them.

Examples:
  $ npm run -s loop -- remove dev
  $ npm run -s loop -- remove dev --yes
`,
    )
    .action((name: string, options: { yes?: true }) => remove(name, options, io));
}

async function remove(name: string, options: { yes?: true }, io: Io): Promise<void> {
  const deploy = await readDeployEnvironment(io, name);
  const clock = createSystemClock();
  const log = createLog({ clock, level: 'warn', write: (entry) => io.err(formatLogLine(entry)) });
  const { region, accountId, credentials, endpoints } = deploy;
  const target = { environmentName: name, region, accountId, credentials, endpoints, clock, log };
  // The official clients take half a second to load: other commands do not pay for them.
  const { tearDown } = await import('../../setup/tear-down.ts');
  const { planRemoval } = await import('../../setup/functions.ts');
  io.out(`${name} in ${region}, account ${accountId}`);
  const functions = await planRemoval(target);
  printChanges(io, [...functions, ...(await tearDown({ ...target, lookOnly: true }))]);
  refuseObstacles(functions, io);
  if (!options.yes) return io.out(`nothing has been removed; "remove ${name} --yes" does it`);
  if (functions.length > 0) await removeFunctions(io, deploy);
  requireGone(await planRemoval(target), name);
  const changes = [...functions, ...(await tearDown(target))];
  io.out(`${name} is removed: ${countChanges(changes)}`);
  const kept = changes.filter(({ did }) => did === 'kept' || did === 'not ours');
  if (kept.length > 0) io.out(`it leaves ${kept.map(({ kind, name: left }) => `${kind} ${left}`).join(', ')}`);
}

async function removeFunctions(io: Io, deploy: DeployEnvironment): Promise<void> {
  const sYaml = await readFile(join(io.root, 's.yaml'), 'utf8');
  await runS(io, { verb: 'remove', yaml: applySettings(sYaml, deploy.environmentName, deploy.settings) }, deploy);
}

/** The tool ends well when a removal fails; what the functions stand on must not go before them. */
function requireGone(left: readonly Change[], name: string): void {
  if (left.length === 0) return;
  const names = left.map((change) => change.name).join(', ');
  throw new Error(
    `"s remove" ended well, but Function Compute still has ${names}; see what it said above, or delete them in the console, then run "remove ${name} --yes" again; nothing else has been removed`,
  );
}
