import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readRelease } from '../../setup/read-release.ts';
import { missingValues } from '../../setup/s-yaml/missing-values.ts';
import { sYamlCheckCommand } from '../commands/s-yaml/check.ts';
import { workflowsCheckCommand } from '../commands/workflows/check.ts';
import { type Io, Unsuccessful, UsageError } from '../io.ts';

/** The checks of workflows.yaml and of s.yaml as it would be deployed; what they find is printed, and ends the command. */
export async function checkFiles(io: Io, environmentName: string, yaml: string): Promise<void> {
  const said: string[] = [];
  const quiet: Io = { ...io, out: (line) => void said.push(line) };
  const template = join(io.root, `.s.${environmentName}.check.${process.pid}.yaml`);
  await writeFile(template, yaml, { mode: 0o600 });
  try {
    await workflowsCheckCommand(quiet).parseAsync([], { from: 'user' });
    await sYamlCheckCommand(quiet).parseAsync([template], { from: 'user' });
  } catch (error) {
    if (error instanceof Unsuccessful) for (const line of said) io.err(line.replace(template, 's.yaml with env.yaml'));
    throw error;
  } finally {
    await rm(template, { force: true });
  }
}

/** Functions that lack a value would refuse to start, or leave out what they are asked for: that is said before anything is done. */
export async function requireValues({ root, env }: Io, environmentName: string, yaml: string): Promise<void> {
  const { file: workflows } = await readRelease(root, environmentName);
  const missing = missingValues({ file: parse(yaml), workflows, variables: env });
  if (missing.size === 0) return;
  const names = [...missing].map(([variable, functions]) => `${variable} (${functions.join(', ')})`);
  throw new UsageError(
    `this shell has no value for what functions need: ${names.join(', ')}; set them and run deploy again`,
  );
}
