import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { readEnvironmentNames } from '../../setup/environments/env-file.ts';
import type { ScriptTexts } from '../../setup/workflows/check-runs.ts';
import { checkTemplates, checkTemplatesAgainst } from '../../setup/workflows/check-templates.ts';
import { checkWorkflows } from '../../setup/workflows/check-workflows.ts';
import type { Finding } from '../../setup/workflows/finding.ts';
import { checkOverlay } from '../../setup/workflows/overlay.ts';
import { listOverlays, nameFault, overlayOf } from '../../setup/workflows/overlay-files.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Io } from '../io.ts';
import { nearMiss } from '../near-miss.ts';
import { type Layers, mergedValue, placeIn, readLayers, UnreadableFile } from './layers.ts';

/** A finding as it is printed: one line of JSON with --json. */
export interface Printed {
  file: string;
  line: number;
  path: string;
  severity: Finding['severity'];
  message: string;
}

type Where = Pick<Io, 'root' | 'env'>;

/** The workflows of the repository: workflows.yaml, and what differs from it in some environments. */
export async function listWorkflowFiles(root: string): Promise<string[]> {
  const overlays = await listOverlays(root);
  return ['workflows.yaml', ...overlays.map(({ name }) => name)].map((name) => join(root, name));
}

/** What is wrong or unsafe, each thing where it stands; what is so without an overlay is said once. */
export async function checkFiles(files: readonly string[], where: Where): Promise<Printed[]> {
  const printed = new Map<string, Printed>();
  const before: { name: string; file: Workflows }[] = [];
  for (const file of files) {
    const { found, workflows } = await checkFile(file, before, where);
    for (const line of found) {
      const shown = line.file === file ? line : { ...line, message: withOverlay(line, file) };
      if (!printed.has(JSON.stringify(line))) printed.set(JSON.stringify(shown), shown);
    }
    if (workflows) before.push({ name: file, file: workflows });
  }
  return [...printed.values()];
}

function withOverlay({ message }: Printed, overlay: string): string {
  return `${message} (with ${basename(overlay)})`;
}

interface Checked {
  found: Printed[];
  workflows?: Workflows | undefined;
}

async function checkFile(
  file: string,
  before: readonly { name: string; file: Workflows }[],
  where: Where,
): Promise<Checked> {
  try {
    const layers = await readLayers(file);
    const { found, workflows } = await checkLayers(layers, before, where);
    return {
      found: [...(await checkName(file, where)), ...found.map((finding) => toPrinted(layers, finding))],
      workflows,
    };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const { file: unreadable, line, message } = error;
    return { found: [{ file: unreadable, line, path: '', severity: 'fault', message }] };
  }
}

async function checkName(file: string, { root }: Where): Promise<Printed[]> {
  const overlay = overlayOf(basename(file));
  const names = overlay ? await readEnvironmentNames(root) : [];
  const message = overlay && nameFault(overlay, names);
  if (message === undefined) return [];
  const meant = nearMiss(overlay?.environmentName ?? '', names);
  const hint = meant === undefined || meant === overlay?.environmentName ? '' : `; did you mean ${meant}?`;
  return [{ file, line: 1, path: '', severity: 'fault', message: `${message}${hint}` }];
}

async function checkLayers(
  layers: Layers,
  before: readonly { name: string; file: Workflows }[],
  { root, env }: Where,
): Promise<{ found: Finding[]; workflows?: Workflows | undefined }> {
  const value = mergedValue(layers);
  const faults = layers.base ? checkOverlay(layers.base.value, layers.own.value) : [];
  const { findings, workflows } = checkWorkflows(value, await readScripts(value, root), env);
  if (!workflows) return { found: [...faults, ...findings] };
  const isOwn = ({ path }: Finding) => placeIn(layers, path).layer === layers.own;
  const across = checkTemplatesAgainst(workflows, before).filter(isOwn);
  // What an overlay spells out is of one environment, as it should be.
  const spelledOut = layers.base ? checkTemplates(workflows).filter(isOwn) : [];
  const rest = findings.filter(({ message }) => !spelledOut.some((each) => each.message === message));
  return { found: [...faults, ...rest, ...across], workflows };
}

const scriptsSchema = z.object({ commands: z.record(z.string(), z.object({ script: z.string() })) });

/** The scripts that the file names, as far as it can be read; paths are those of the repository. */
async function readScripts(file: unknown, root: string): Promise<ScriptTexts> {
  const parsed = scriptsSchema.safeParse(file);
  const names = parsed.success ? Object.values(parsed.data.commands).map(({ script }) => script) : [];
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(root, name), 'utf8').catch(() => undefined)] as const),
    ),
  );
}

function toPrinted(layers: Layers, finding: Finding): Printed {
  const { path, severity, message, unknownKeys = [], knownKeys = [] } = finding;
  const meant = unknownKeys.flatMap((key) => nearMiss(key, knownKeys) ?? []);
  const [key] = unknownKeys;
  const { layer, line } = placeIn(layers, key === undefined ? path : [...path, key]);
  return {
    file: layer.file,
    line,
    path: path.map(String).join('.'),
    severity,
    message: meant.length > 0 ? `${message}; did you mean ${meant.join(', ')}?` : message,
  };
}
