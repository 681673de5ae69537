import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { mergeOverlay } from '../../setup/workflows/overlay.ts';
import { overlayOf } from '../../setup/workflows/overlay-files.ts';
import { errorMessage } from '../../shared/errors.ts';
import { UsageError } from '../io.ts';
import { type LinedYaml, parseLinedYaml, placeOf } from '../yaml-lines.ts';

/** A file of workflows, which can tell where in it something stands. */
export interface Layer {
  file: string;
  yaml: LinedYaml;
  value: unknown;
}

/** A file as it counts: alone, or over the workflows.yaml beside it. */
export interface Layers {
  base?: Layer;
  own: Layer;
}

/** What is wrong with a file before anything in it can be looked at. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(message);
    this.file = file;
    this.line = line;
  }
}

/** A UsageError if the file is not there; an UnreadableFile if it is no YAML. */
export async function readLayers(file: string): Promise<Layers> {
  const own = await readLayer(file);
  return overlayOf(basename(file)) ? { base: await readLayer(join(dirname(file), 'workflows.yaml')), own } : { own };
}

export function mergedValue({ base, own }: Layers): unknown {
  return base ? mergeOverlay(base.value, own.value) : own.value;
}

/** Where the value at this path comes from: the layer that says more of the path, of two the upper one if it is all there. */
export function placeIn({ base, own }: Layers, path: readonly PropertyKey[]): { layer: Layer; line: number } {
  const upper = placeOf(own.yaml, path);
  const lower = base && placeOf(base.yaml, path);
  if (!base || !lower || upper.depth === path.length || upper.depth > lower.depth)
    return { layer: own, line: upper.line };
  return { layer: base, line: lower.line };
}

async function readLayer(file: string): Promise<Layer> {
  const text = await readFile(resolve(file), 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${errorMessage(error)}`);
  });
  const yaml = parseLinedYaml(text);
  const [syntax] = yaml.document.errors;
  if (syntax)
    throw new UnreadableFile(file, yaml.lines.linePos(syntax.pos[0]).line, `not YAML: ${firstLine(syntax.message)}`);
  try {
    return { file, yaml, value: yaml.document.toJS() };
  } catch (error) {
    // Aliases that make it endless.
    throw new UnreadableFile(file, 1, `not readable: ${firstLine(errorMessage(error))}`);
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
