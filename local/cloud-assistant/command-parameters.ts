import { z } from 'zod';
import { apiError } from './api-error.ts';

/**
 * `{{name}}` in a command with EnableParameter. The text is handled as latin1, one character a byte, so that every
 * byte around a replaced name stays as it was.
 */
const REFERENCE = /\{\{([^{}]*)\}\}/g;
const NAME = /^[A-Za-z0-9_-]+$/;
/** What the agent resolves on the instance: `ACS::` built-ins and the parameter store. */
const RESOLVED_BY_AGENT = /^(?:ACS[ \t\r\n]*::|oos:|oos-secret:)/;

/** The names a command defines, in order of appearance, each in its first spelling. Throws for a name out of rules. */
export function parameterNames(content: Buffer): string[] {
  const names = new Map<string, string>();
  for (const [, inner = ''] of content.toString('latin1').matchAll(REFERENCE)) {
    const name = trimBlanks(inner);
    if (RESOLVED_BY_AGENT.test(name)) continue;
    if (name === '') throw apiError('CmdParam.EmptyKey');
    if (!NAME.test(name)) throw apiError('CmdParam.InvalidParamName');
    if (name.length > 64) throw apiError('CmdParamName.ExceedLimit');
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  if (names.size > 20) throw apiError('CmdParamCount.ExceedLimit');
  return [...names.values()];
}

/** Parses the `Parameters` of a run (JSON text) against the names its command defines. */
export function readParameters(json: string | undefined, names: string[] | 'disabled'): Record<string, string> {
  const parameters = parseParameters(json);
  const given = Object.keys(parameters);
  if (given.length === 0) return {};
  if (names === 'disabled') throw apiError('Parameter.Disabled');
  if (given.length > 10) throw apiError('ParameterCount.ExceedLimit');
  if (given.some((name) => name === '' || [...name].length > 64)) throw apiError('ParameterKey.ExceedLimit');
  if (new Set(given.map((name) => name.toLowerCase())).size < given.length) throw apiError('ParameterKey.Duplicate');
  const known = new Set(names.map((name) => name.toLowerCase()));
  const unknown = given.find((name) => !known.has(name.toLowerCase()));
  if (unknown !== undefined) throw apiError('Parameter.NotMatched', unknown);
  return parameters;
}

/** Plain text replacement, no quoting; a name that was not passed becomes the empty text. */
export function fillParameters(content: Buffer, parameters: Record<string, string>): Buffer {
  const values = new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]));
  return replaceReferences(content, (name) => {
    if (!NAME.test(name)) return undefined;
    return values.get(name.toLowerCase()) ?? '';
  });
}

export interface BuiltIns {
  RegionId: string;
  AccountId: string;
  InstanceId: string;
  InstanceName: string;
  InvokeId: string;
  CommandId: string;
}

/**
 * What the agent does with the finished text, values of parameters included: resolves `{{ACS::name}}`. The answer is
 * an error code for a built-in that does not exist and for the parameter store, which is not emulated.
 */
export function fillBuiltIns(
  content: Buffer,
  builtIns: BuiltIns,
): Buffer | 'InvalidSystemBuiltInParameter' | 'QueryParameterStoreFailed' {
  const known = new Map(Object.entries(builtIns));
  let problem: 'InvalidSystemBuiltInParameter' | 'QueryParameterStoreFailed' | undefined;
  const filled = replaceReferences(content, (reference) => {
    if (!RESOLVED_BY_AGENT.test(reference)) return undefined;
    const value = known.get(trimBlanks(/^ACS[ \t\r\n]*::(.*)$/s.exec(reference)?.[1] ?? ''));
    if (value === undefined) {
      problem ??= reference.startsWith('ACS') ? 'InvalidSystemBuiltInParameter' : 'QueryParameterStoreFailed';
    }
    return value;
  });
  return problem ?? filled;
}

/** Replaces each reference for which `lookUp` has a value, once: values are not looked through again. */
function replaceReferences(content: Buffer, lookUp: (name: string) => string | undefined): Buffer {
  const text = content.toString('latin1').replace(REFERENCE, (whole, inner: string) => {
    const value = lookUp(trimBlanks(inner));
    return value === undefined ? whole : Buffer.from(value).toString('latin1');
  });
  return Buffer.from(text, 'latin1');
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

const Parameters = z.record(z.string(), z.unknown());

function parseParameters(json: string | undefined): Record<string, string> {
  if (!json) return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw apiError('InvalidParameter.Parameters');
  }
  const object = Parameters.safeParse(value);
  if (!object.success) throw apiError('InvalidParameter.Parameters');
  const texts = z.record(z.string(), z.string()).safeParse(object.data);
  if (!texts.success) throw apiError('ParameterType.NotSupported');
  return texts.data;
}
