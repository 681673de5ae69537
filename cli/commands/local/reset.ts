import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { type Io, UsageError } from '../../io.ts';
import { DEFAULT_STATE, findRunningCloud } from '../../local-cloud.ts';

export function localResetCommand(io: Io): Command {
  return new Command('reset')
    .description('Empty the embedded cloud: records, messages, and the disks of its instances')
    .option('--state <dir>', 'its folder', DEFAULT_STATE)
    .addHelpText('after', '\nExample:\n  $ npm run -s loop -- local reset\n')
    .action(({ state }: { state: string }) => reset(resolve(io.root, state), io));
}

async function reset(directory: string, io: Io): Promise<void> {
  const running = await findRunningCloud(directory).catch(() => undefined);
  if (running) throw new UsageError(`an embedded cloud runs on ${directory} (process ${running.pid}); stop it first`);
  const content: string[] = await readdir(directory).catch(() => []);
  if (content.length === 0) return io.out(`${directory} is empty already`);
  // Only ever delete what an embedded cloud has made, whatever --state says.
  if (!content.includes('cloud.json'))
    throw new UsageError(`${directory} is not the folder of an embedded cloud; nothing was deleted`);
  for (const name of content) await rm(join(directory, name), { recursive: true, force: true });
  io.out(`emptied ${directory}`);
}
