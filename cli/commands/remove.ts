import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { applySettings } from '../../setup/environments/apply-settings.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog, formatLogLine } from '../../shared/log.ts';
import { namesOf } from '../../shared/names.ts';
import { runS } from '../deploy/run-s.ts';
import type { Io } from '../io.ts';
import { readDeployEnvironment } from '../setup/deploy-environment.ts';
import { countChanges, printChanges } from '../setup/print-changes.ts';

export function removeCommand(io: Io): Command {
  return new Command('remove')
    .description('Remove the functions of one environment and what setup has made for it, but for its records')
    .argument('<env>', 'an environment of env.yaml')
    .option('--yes', 'do it; without this only what would be done is shown')
    .addHelpText(
      'after',
      `
Removes the functions ("s remove"), then rules, bus, commands, roles and policies. It keeps both buckets, which hold the
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
  io.out(`${name} in ${region}, account ${accountId}`);
  const names = namesOf(name, accountId);
  for (const each of ['ingest', 'dispatch', 'notify'] as const) io.out(`-  remove  function  ${names.function(each)}`);
  printChanges(io, await tearDown({ ...target, lookOnly: true }));
  if (!options.yes) return io.out(`nothing has been removed; "remove ${name} --yes" does it`);
  const yaml = applySettings(await readFile(join(io.root, 's.yaml'), 'utf8'), name, deploy.settings);
  await runS(io, { verb: 'remove', yaml }, deploy);
  const changes = await tearDown(target);
  io.out(`${name} is removed: ${countChanges(changes)}`);
  const kept = changes.filter(({ did }) => did === 'kept' || did === 'not ours');
  if (kept.length > 0) io.out(`it leaves ${kept.map(({ kind, name: left }) => `${kind} ${left}`).join(', ')}`);
}
