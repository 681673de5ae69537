import { compileNumeric } from './compile-numeric.ts';
import { InvalidPatternError, memberPath } from './invalid-pattern-error.ts';
import { parseIpv4Block } from './ipv4-block.ts';
import { isObject, isScalar } from './json-value.ts';

/** Whether one present value, or one element of a present array, satisfies an operator. */
export type ValueTest = (value: unknown) => boolean;

type CompileOperator = (argument: unknown, path: string) => ValueTest;

/** Operators that look at one value. `exists` looks at the field and is compiled with the leaf. */
const NESTABLE: ReadonlyMap<string, CompileOperator> = new Map<string, CompileOperator>([
  ['prefix', compileText('prefix', (value, text) => value.startsWith(text))],
  ['suffix', compileText('suffix', (value, text) => value.endsWith(text))],
  ['contains', compileText('contains', (value, text) => value.includes(text))],
  ['numeric', compileNumeric],
  ['cidr', compileCidr],
]);

const OPERATORS: ReadonlyMap<string, CompileOperator> = new Map([...NESTABLE, ['anything-but', compileAnythingBut]]);

export const OPERATOR_NAMES: readonly string[] = [...OPERATORS.keys(), 'exists'];

export function compileOperator(name: string, argument: unknown, path: string): ValueTest {
  const compile = OPERATORS.get(name);
  if (!compile) {
    throw new InvalidPatternError(`unknown operator; known are ${OPERATOR_NAMES.join(', ')}`, path);
  }
  return compile(argument, path);
}

function compileText(name: string, holds: (value: string, text: string) => boolean): CompileOperator {
  return (text, path) => {
    if (typeof text !== 'string' || text === '') {
      throw new InvalidPatternError(`${name} takes a string that is not empty`, path);
    }
    return (value) => typeof value === 'string' && holds(value, text);
  };
}

function compileCidr(argument: unknown, path: string): ValueTest {
  const block = typeof argument === 'string' ? parseIpv4Block(argument) : undefined;
  if (!block) throw new InvalidPatternError('cidr takes an IPv4 block such as "10.0.0.0/24" or an address', path);
  return (value) => typeof value === 'string' && block.contains(value);
}

function compileAnythingBut(argument: unknown, path: string): ValueTest {
  if (isObject(argument)) return compileAnythingButOperator(argument, path);
  const listed: unknown[] = Array.isArray(argument) ? argument : [argument];
  if (listed.length === 0 || !listed.every(isScalar)) {
    throw new InvalidPatternError('anything-but takes a scalar, a list of scalars or one nested operator', path);
  }
  const refused = new Set<unknown>(listed);
  return (value) => !refused.has(value);
}

function compileAnythingButOperator(nested: object, path: string): ValueTest {
  const [entry, ...more] = Object.entries(nested);
  const compile = entry && NESTABLE.get(entry[0]);
  if (!compile || more.length > 0) {
    const known = [...NESTABLE.keys()].join(', ');
    throw new InvalidPatternError(`inside anything-but stands exactly one of ${known}`, path);
  }
  const test = compile(entry[1], memberPath(path, entry[0]));
  return (value) => !test(value);
}
