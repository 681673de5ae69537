import type { Parameters } from '../events.ts';
import type { PlatformName } from '../ids.ts';
import { headBytes, stripInvisible } from '../message/neutralise.ts';
import type { FormField } from '../platforms/platform.ts';
import type { Refusal } from '../request/records.ts';
import { fieldOf } from './lookups.ts';
import { compilePattern, isSafeValue, type Parameter, type Workflow } from './schema.ts';

export type MappedParameters = { kind: 'parameters'; parameters: Parameters } | { kind: 'refused'; refusal: Refusal };

const DEFAULT_MAX_LENGTH = 64;

/**
 * The form as typed parameters. A value is taken as it is or refused by name; nothing is trimmed, folded or cleaned
 * up, because what people approved is what must run.
 */
export function mapParameters(
  workflow: Workflow,
  platform: PlatformName,
  fields: readonly FormField[],
): MappedParameters {
  const parameters: Parameters = {};
  for (const [name, parameter] of Object.entries(workflow.parameters)) {
    const value = findValue(parameter, platform, fields);
    if (typeof value === 'object')
      return { kind: 'refused', refusal: { code: value.code, values: { parameter: name } } };
    if (value === '') {
      if (!parameter.optional)
        return { kind: 'refused', refusal: { code: 'missing_field', values: { parameter: name } } };
      parameters[name] = '';
      continue;
    }
    const allowed = allow(parameter, value);
    if (allowed === undefined) return { kind: 'refused', refusal: notAllowed(name, parameter, value) };
    parameters[name] = allowed;
  }
  return { kind: 'parameters', parameters };
}

function findValue(
  parameter: Parameter,
  platform: PlatformName,
  fields: readonly FormField[],
): string | { code: string } {
  const wanted = fieldOf(parameter, platform);
  if (wanted === undefined) return '';
  const found = bestMatches(wanted, fields);
  if (found.length > 1) return { code: 'ambiguous_field' };
  const value = found[0]?.value ?? '';
  if (typeof value === 'string') return value;
  if (value.length > 1) return { code: 'several_values' };
  return value[0] ?? '';
}

/** An id counts before an alias and an alias before a label, since a label can be typed by anyone who edits the form. */
function bestMatches(wanted: string, fields: readonly FormField[]): FormField[] {
  const ranks = fields.map(({ names }) => names.indexOf(wanted));
  const best = Math.min(...ranks.filter((rank) => rank >= 0));
  return fields.filter((_, index) => ranks[index] === best);
}

/** The value as it may run, or undefined where the parameter's allow-list does not have it. */
function allow(parameter: Parameter, value: string): string | undefined {
  if (Buffer.byteLength(value) > maxLength(parameter)) return undefined;
  if (parameter.text) return isUnchangedAsBytes(value) ? value : undefined;
  if (parameter.pattern !== undefined) {
    return compilePattern(parameter.pattern).test(value) && isSafeValue(value) ? value : undefined;
  }
  const options = parameter.one_of ?? [];
  if (Array.isArray(options)) return options.includes(value) ? value : undefined;
  return Object.hasOwn(options, value) ? options[value] : undefined;
}

function maxLength({ max_length, one_of }: Parameter): number {
  return max_length ?? (one_of ? Number.POSITIVE_INFINITY : DEFAULT_MAX_LENGTH);
}

/** No argument of a program holds a NUL, and half a surrogate pair has no UTF-8. */
function isUnchangedAsBytes(value: string): boolean {
  return !value.includes('\0') && Buffer.from(value).toString() === value;
}

function notAllowed(name: string, parameter: Parameter, value: string): Refusal {
  const seen = headBytes(stripInvisible(value).replace(/\s+/gu, ' '), 64);
  return {
    code: 'value_not_allowed',
    values: { parameter: name, value: seen, accepted: headBytes(describe(parameter), 512) },
  };
}

function describe(parameter: Parameter): string {
  if (parameter.hint !== undefined) return parameter.hint;
  const bytes = `≤ ${maxLength(parameter)} B`;
  if (parameter.one_of)
    return (Array.isArray(parameter.one_of) ? parameter.one_of : Object.keys(parameter.one_of)).join(', ');
  return parameter.pattern === undefined ? bytes : `${parameter.pattern} (${bytes})`;
}
