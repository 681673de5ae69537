import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sYamlCheckCommand } from '../commands/s-yaml/check.ts';
import { workflowsCheckCommand } from '../commands/workflows/check.ts';
import { type Io, Unsuccessful } from '../io.ts';

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
