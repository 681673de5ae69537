import { compileOperator, type ValueTest } from './compile-operator.ts';
import { InvalidPatternError, memberPath } from './invalid-pattern-error.ts';
import { isObject, isScalar } from './json-value.ts';

/** Whether a field of the event satisfies its part of the pattern; undefined means that the field is absent. */
export type FieldTest = (field: unknown) => boolean;

/** Documented: https://help.aliyun.com/en/eventbridge/product-overview/limits */
const MAX_EXPRESSIONS = 5;

/** A leaf array: the field satisfies it when any member does. */
export function compileLeaf(members: readonly unknown[], path: string): FieldTest {
  if (members.length === 0) throw new InvalidPatternError('a leaf array has at least one member', path);
  const literals = new Set<unknown>(members.filter(isScalar));
  const expressions: FieldTest[] = [];
  for (const [index, member] of members.entries()) {
    if (isScalar(member)) continue;
    if (expressions.push(compileExpression(member, memberPath(path, index))) > MAX_EXPRESSIONS) {
      throw new InvalidPatternError(`a field takes at most ${MAX_EXPRESSIONS} expressions`, path);
    }
  }
  return (field) =>
    elementsOf(field).some((element) => literals.has(element)) || expressions.some((holds) => holds(field));
}

/** `{"prefix": "a", "suffix": "z"}`: all of its operators hold for the same element. */
function compileExpression(json: unknown, path: string): FieldTest {
  if (!isObject(json)) throw new InvalidPatternError('an array inside a leaf array is not supported', path);
  const entries = Object.entries(json);
  if (entries.length === 0) throw new InvalidPatternError('an operator object names at least one operator', path);
  const presence: boolean[] = [];
  const values: ValueTest[] = [];
  for (const [name, argument] of entries) {
    const at = memberPath(path, name);
    if (name === 'exists') presence.push(parseExists(argument, at));
    else values.push(compileOperator(name, argument, at));
  }
  return (field) =>
    presence.every((wanted) => wanted === (field !== undefined)) &&
    (values.length === 0 || elementsOf(field).some((element) => values.every((holds) => holds(element))));
}

function parseExists(argument: unknown, path: string): boolean {
  if (typeof argument !== 'boolean') throw new InvalidPatternError('exists takes true or false', path);
  return argument;
}

/** What a value test sees: the elements of an array, else the value itself; nothing of an absent field. */
function elementsOf(field: unknown): readonly unknown[] {
  if (field === undefined) return [];
  return Array.isArray(field) ? field : [field];
}
