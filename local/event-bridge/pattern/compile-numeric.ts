import { InvalidPatternError, memberPath } from './invalid-pattern-error.ts';

const LIMIT = 1e9;
/** Six decimals; with the limit above every number in a pattern is a safe integer of this unit. */
const UNITS = 1e6;

const COMPARISONS: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ['=', (value, bound) => value === bound],
  ['!=', (value, bound) => value !== bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
]);

/** `{"numeric": [">", 0, "<=", 5]}`: one or two pairs, all of which a number must satisfy, compared at six decimals. */
export function compileNumeric(json: unknown, path: string): (value: unknown) => boolean {
  if (!Array.isArray(json) || (json.length !== 2 && json.length !== 4)) {
    throw new InvalidPatternError('numeric takes one or two pairs of an operator and a number', path);
  }
  const comparisons: ((value: number) => boolean)[] = [];
  for (let index = 0; index < json.length; index += 2) comparisons.push(compilePair(json, index, path));
  return (value) => typeof value === 'number' && comparisons.every((holds) => holds(Math.round(value * UNITS)));
}

function compilePair(json: readonly unknown[], index: number, path: string): (value: number) => boolean {
  const compare = COMPARISONS.get(json[index]);
  if (!compare) {
    const known = [...COMPARISONS.keys()].join(' ');
    throw new InvalidPatternError(`a numeric operator is one of ${known}`, memberPath(path, index));
  }
  const bound = json[index + 1];
  if (typeof bound !== 'number' || !(Math.abs(bound) <= LIMIT)) {
    throw new InvalidPatternError('a numeric bound is a number from -1.0e9 to 1.0e9', memberPath(path, index + 1));
  }
  const units = Math.round(bound * UNITS);
  if (units / UNITS !== bound) {
    throw new InvalidPatternError('a numeric bound has at most 6 decimals', memberPath(path, index + 1));
  }
  return (value) => compare(value, units);
}
