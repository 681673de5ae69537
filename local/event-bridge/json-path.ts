import { ownValue } from './pattern/json-value.ts';

/** Reads one place of a JSON value; undefined if there is nothing. */
export type JsonPath = (value: unknown) => unknown;

/**
 * A path to exactly one place: `$`, then any of `.name`, `['name']`, `["name"]`, `[0]`. Undefined for everything else,
 * also for paths to several places (wildcards, filters, slices, `..`).
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const step = /\.([^\s.[\]'"*?@(),:$]+)|\[(?:'([^']*)'|"([^"]*)"|(\d{1,9}))\]/y;
  const keys: (string | number)[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const [match, dotted, single, double, index] = step.exec(text) ?? [];
    if (match === undefined) return undefined;
    keys.push(index === undefined ? (dotted ?? single ?? double ?? '') : Number(index));
  }
  return (value) => keys.reduce<unknown>(readKey, value);
}

function readKey(value: unknown, key: string | number): unknown {
  if (typeof key === 'string') return ownValue(value, key);
  return Array.isArray(value) ? value[key] : undefined;
}
