import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { fillIn, fillInText, mergeTemplate } from '../../setup/s-yaml/fill-in.ts';
import type { FunctionDefinition } from '../function-compute/function-definition.ts';

/** The part of s.yaml that makes functions, after variables are filled in. The rest is Function Compute's to check. */
const sYamlSchema = z.object({
  vars: z.record(z.string(), z.string()).default({}),
  template: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  resources: z.record(
    z.string(),
    z.object({
      extend: z.object({ name: z.string() }).optional(),
      props: z.record(z.string(), z.unknown()),
    }),
  ),
});
const propsSchema = z.object({
  functionName: z.string(),
  description: z.string().optional(),
  code: z.string(),
  handler: z.string(),
  runtime: z.string(),
  memorySize: z.number().optional(),
  timeout: z.number().optional(),
  role: z.string().optional(),
  environmentVariables: z.record(z.string(), z.string()).default({}),
  asyncInvokeConfig: z.record(z.string(), z.unknown()).optional(),
  triggers: z.array(z.unknown()).default([]),
});

/**
 * Functions as s.yaml declares them, so that what runs here is what is deployed. Of Serverless Devs' language this
 * knows what our file uses: `vars`, `template` with `extend`, `${vars.x}` and `${env('NAME', 'default')}`.
 */
export async function readFunctions(
  root: string,
  variables: Readonly<Record<string, string>>,
): Promise<FunctionDefinition[]> {
  const file = sYamlSchema.parse(parse(await readFile(join(root, 's.yaml'), 'utf8')));
  const vars = Object.fromEntries(
    Object.entries(file.vars).map(([name, value]) => [name, fillInText(value, { variables, vars: {} })]),
  );
  return Object.values(file.resources).map(({ extend, props }) => {
    const merged = mergeTemplate(extend && file.template[extend.name], props);
    const { code, ...definition } = propsSchema.parse(fillIn(merged, { variables, vars }));
    // The shapes are checked where they go: `putFunction` refuses what Function Compute would.
    return { ...definition, codeDirectory: join(root, code) } as FunctionDefinition;
  });
}
