import { compileLeaf, type FieldTest } from './compile-leaf.ts';
import { InvalidPatternError, memberPath } from './invalid-pattern-error.ts';
import { isObject, ownValue } from './json-value.ts';

/** A compiled event pattern. The rules it follows stand in ../PATTERNS.md. */
export interface Pattern {
  /** Whether the event, any JSON value, satisfies the pattern. */
  matches(event: unknown): boolean;
}

/** No document limits depth or size; these bound the work a pattern can cause. */
export const MAX_PATTERN_DEPTH = 32;
export const MAX_PATTERN_MEMBERS = 4096;

/** CloudEvents 1.0: names of attributes are lower-case letters and digits. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;

/** Compiles the parsed JSON of a pattern. Throws InvalidPatternError. */
export function compilePattern(json: unknown): Pattern {
  if (!isObject(json)) throw new InvalidPatternError('the pattern is a JSON object', '$');
  for (const key of Object.keys(json)) {
    if (ATTRIBUTE_NAME.test(key)) continue;
    throw new InvalidPatternError('no attribute of an event can have this name', memberPath('$', key));
  }
  const test = compileFields(json, '$', { depth: 1, budget: { members: MAX_PATTERN_MEMBERS } });
  return { matches: (event) => isObject(event) && test(event) };
}

/** Compiles the text of a pattern, as rules carry it. Throws InvalidPatternError. */
export function compilePatternText(text: string): Pattern {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidPatternError('the pattern is not JSON', '$');
  }
  return compilePattern(json);
}

interface Bounds {
  depth: number;
  budget: { members: number };
}

function compileFields(json: object, path: string, { depth, budget }: Bounds): FieldTest {
  if (depth > MAX_PATTERN_DEPTH) throw new InvalidPatternError(`nested deeper than ${MAX_PATTERN_DEPTH} levels`, path);
  const fields = Object.entries(json).map(([key, value]): [string, FieldTest] => {
    const at = memberPath(path, key);
    spend(budget, countMembers(value), at);
    return [key, compileField(value, at, { depth: depth + 1, budget })];
  });
  return (value) => fields.every(([key, test]) => test(ownValue(value, key)));
}

function compileField(json: unknown, path: string, bounds: Bounds): FieldTest {
  if (Array.isArray(json)) return compileLeaf(json, path);
  if (!isObject(json)) throw new InvalidPatternError('a value stands in an array, as in ["value"]', path);
  if (Object.keys(json).length === 0) throw new InvalidPatternError('a nested object names at least one field', path);
  return compileFields(json, path, bounds);
}

/** What a key costs: itself, and the members of its leaf array with the lists inside them. */
function countMembers(value: unknown): number {
  if (!Array.isArray(value)) return 1;
  let members = 1 + value.length;
  for (const member of value) {
    const listed = ownValue(member, 'anything-but');
    if (Array.isArray(listed)) members += listed.length;
  }
  return members;
}

function spend(budget: { members: number }, members: number, path: string): void {
  budget.members -= members;
  if (budget.members < 0) {
    throw new InvalidPatternError(`the pattern has more than ${MAX_PATTERN_MEMBERS} keys and values`, path);
  }
}
