import * as z from 'zod';
import { isSet } from '../../shared/config/environment.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import type { SYamlInput } from './check-s-yaml.ts';
import { fileSchema } from './file-schema.ts';
import { functionVariables } from './function-variables.ts';
import { propsOf } from './props-of.ts';

const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;
const variablesSchema = z.object({ environmentVariables: z.record(z.string(), z.string()) });

/**
 * What functions need and the deploying shell has no value for, with the functions that need it. A
 * platform of which nothing is set is one that is not used. The file must be one that the check lets pass.
 */
export function missingValues({ file, workflows, variables }: SYamlInput): Map<string, FunctionName[]> {
  const parsed = fileSchema.parse(file);
  const given = new Map(FUNCTION_NAMES.map((name) => [name, givenTo(propsOf(parsed, name, variables))]));
  // What is set for one function tells which platforms are used; the others may read nothing that is set.
  const anywhere = [...given.values()].flat();
  const missing = new Map<string, FunctionName[]>();
  for (const [name, own] of given)
    for (const variable of functionVariables(name, workflows, anywhere).needed)
      if (!own.includes(variable)) missing.set(variable, [...(missing.get(variable) ?? []), name]);
  return missing;
}

function givenTo(props: unknown): string[] {
  const { environmentVariables } = variablesSchema.parse(props);
  return Object.keys(environmentVariables).filter((variable) => isSet(environmentVariables[variable]));
}
