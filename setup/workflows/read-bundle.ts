import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { errorMessage } from '../../shared/errors.ts';
import { sha256Hex } from '../../shared/ids.ts';
import type { Script, Scripts } from '../../shared/workflows/command-content.ts';
import { readEnvironmentNames } from '../environments/env-file.ts';
import { mergeOverlay } from './overlay.ts';
import { listOverlays, overlayName } from './overlay-files.ts';

/** What the functions of one environment are built with. */
export interface WorkflowBundle {
  environmentName: string;
  /** The files that it is made of, from the bottom up. */
  sources: string[];
  /** workflows.yaml as parsed, with what the environment has differently; not yet checked. */
  file: unknown;
  /** What dispatch must know of the scripts that it names: their hash, and their text where a run sends the script. */
  scripts: Scripts;
}

/** Those of every environment that functions are built for. */
export async function readBundles(root: string): Promise<WorkflowBundle[]> {
  const names = await readEnvironmentNames(root);
  return Promise.all(names.map((name) => readBundle(root, name)));
}

export async function readBundle(root: string, environmentName: string): Promise<WorkflowBundle> {
  const { file, sources } = await readWorkflows(root, environmentName);
  return { environmentName, sources, file, scripts: await readScripts(file, root) };
}

/** workflows.yaml as it is for this environment. */
export async function readWorkflows(
  root: string,
  environmentName: string,
): Promise<Pick<WorkflowBundle, 'file' | 'sources'>> {
  const base = await readYaml(root, 'workflows.yaml');
  const name = overlayName(environmentName);
  if (!(await listOverlays(root)).some((overlay) => overlay.name === name))
    return { file: base, sources: ['workflows.yaml'] };
  return { file: mergeOverlay(base, await readYaml(root, name)), sources: ['workflows.yaml', name] };
}

async function readYaml(root: string, name: string): Promise<unknown> {
  try {
    return parse(await readFile(join(root, name), 'utf8'));
  } catch (error) {
    throw new Error(`${name} cannot be read: ${errorMessage(error).split('\n')[0]}`);
  }
}

const commandsSchema = z.object({
  commands: z.record(z.string(), z.object({ script: z.string(), path: z.string().optional() })),
});

async function readScripts(file: unknown, root: string): Promise<Scripts> {
  const parsed = commandsSchema.safeParse(file);
  const scripts: Record<string, Script> = {};
  for (const { script, path } of Object.values(parsed.data?.commands ?? {})) {
    const text = await readFile(join(root, script), 'utf8');
    const sha256 = sha256Hex(text);
    scripts[script] = path === undefined ? { sha256, text } : { sha256, ...scripts[script] };
  }
  return scripts;
}
