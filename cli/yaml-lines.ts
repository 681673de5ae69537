import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** A YAML text that can tell where in it something stands. */
export interface LinedYaml {
  document: Document.Parsed;
  lines: LineCounter;
}

/** Parses a text; what is wrong with its syntax is in `document.errors`, with lines. */
export function parseLinedYaml(text: string): LinedYaml {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines }), lines };
}

/**
 * The line, from 1, of the key or list item at this path, as zod gives paths; of the nearest one above it that is there
 * if it is not. A value behind an alias stands where its anchor is.
 */
export function lineOf(yaml: LinedYaml, path: readonly PropertyKey[]): number {
  return placeOf(yaml, path).line;
}

/** The same, and how many parts of the path are there. */
export function placeOf({ document, lines }: LinedYaml, path: readonly PropertyKey[]): { line: number; depth: number } {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  let depth = 0;
  for (const part of path) {
    const step = stepInto(document, node, part);
    if (!step) break;
    offset = startOf(step.place) ?? offset;
    node = step.value;
    depth += 1;
  }
  return { line: lines.linePos(offset).line, depth };
}

function stepInto(
  document: Document.Parsed,
  parent: unknown,
  part: PropertyKey,
): { place: unknown; value: unknown } | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
    return pair && { place: pair.key, value: pair.value };
  }
  const item = isSeq(node) ? node.items[Number(part)] : undefined;
  return item === undefined ? undefined : { place: item, value: item };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
