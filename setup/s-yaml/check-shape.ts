import * as z from 'zod';
import { type Finding, findingAt } from '../workflows/finding.ts';

/** The faults of a value against a strict schema, with the keys that it knows where one is unknown. */
export function checkShape(schema: z.ZodType, value: unknown, at: readonly PropertyKey[]): Finding[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [findingAt('fault', path, wordsOf(issue))];
    const knownKeys = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      ...findingAt('fault', path, `has the unknown key ${key}, which the tool would pass over in silence`),
      unknownKeys: [key],
      knownKeys,
    }));
  });
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code !== 'invalid_type') return issue.message;
  if (issue.input === undefined) return `is missing; it must be a ${wordOf(issue.expected)}`;
  return `must be a ${wordOf(issue.expected)}`;
}

function wordOf(expected: string): string {
  if (expected === 'array') return 'list';
  return expected === 'object' || expected === 'record' ? 'map' : expected;
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = path.reduce<z.core.$ZodType | undefined>(stepInto, schema);
  const bare = found && unwrap(found);
  if (bare instanceof z.ZodObject) return Object.keys(bare.shape);
  return bare instanceof z.ZodRecord && bare.keyType instanceof z.ZodEnum ? bare.keyType.options.map(String) : [];
}

function stepInto(schema: z.core.$ZodType | undefined, part: PropertyKey): z.core.$ZodType | undefined {
  const bare = schema && unwrap(schema);
  if (bare instanceof z.ZodObject) return bare.shape[String(part)];
  if (bare instanceof z.ZodArray) return bare.element;
  return bare instanceof z.ZodRecord ? bare.valueType : undefined;
}

/** Of alternatives the map, which alone has keys. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap());
  if (!(schema instanceof z.ZodUnion)) return schema;
  return schema.options.find((option) => option instanceof z.ZodObject) ?? schema;
}
