import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { sha256Hex } from '../shared/ids.ts';
import type { Scripts } from '../shared/workflows/command-content.ts';
import { loadWorkflows } from '../shared/workflows/load-workflows.ts';
import type { Workflows } from '../shared/workflows/schema.ts';

const releaseSchema = z.object({
  file: z.unknown(),
  scripts: z.record(z.string(), z.object({ sha256: z.string(), text: z.string().optional() })),
});

/** What the last build put into the functions, and the scripts that belong to it. */
export interface Release {
  /** Its `${NAME}` still open. */
  workflows: Workflows;
  file: unknown;
  scripts: Scripts;
  /** Text of each script by its path in the repository. */
  texts: Record<string, string>;
}

/**
 * Reads what the build has put into the functions of an environment, so that setup makes exactly the commands that they
 * look for. Refuses a script that has changed since: its command would not run it.
 */
export async function readRelease(root: string, environmentName: string): Promise<Release> {
  const path = join('dist', 'environments', environmentName, 'workflows.json');
  const json = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (json === undefined)
    throw new Error(
      `${path} is missing: if ${environmentName} is an environment of env.yaml, run npm run build; else name one that is`,
    );
  const { file, scripts } = releaseSchema.parse(JSON.parse(json));
  const texts: Record<string, string> = {};
  for (const [script, { sha256 }] of Object.entries(scripts)) {
    const text = await readFile(join(root, script), 'utf8');
    if (sha256Hex(text) !== sha256) throw new Error(`${script} has changed since the build; run npm run build again`);
    texts[script] = text;
  }
  return { workflows: loadWorkflows(file), file, scripts, texts };
}
