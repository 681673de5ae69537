import { dirname } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../io.ts';

/** The settings of a function that count on this machine; the rest is for the real service. */
const propsSchema = z.object({
  functionName: z.string(),
  code: z.string(),
  handler: z.string(),
  runtime: z.literal('nodejs20', 'must be nodejs20, which is what runs here'),
  memorySize: z.number().default(512),
  timeout: z.number().optional(),
  role: z.string().optional(),
  environmentVariables: z.record(z.string(), z.string()).default({}),
  triggers: z.array(z.looseObject({ triggerType: z.string() })).default([]),
});

/** What `s` 3.1.10 hands to a component's method, as seen. */
const inputsSchema = z.object({
  props: propsSchema,
  args: z.array(z.string()),
  yaml: z.object({ path: z.string() }),
  resource: z.object({ name: z.string() }),
});

export interface Inputs {
  /** The resource's name in the file: `ingest`. */
  name: string;
  props: z.infer<typeof propsSchema>;
  args: string[];
  /** The folder of the file, which is the repository. */
  root: string;
}

export function readInputs(inputs: unknown): Inputs {
  const parsed = inputsSchema.safeParse(inputs);
  if (!parsed.success) {
    throw new UsageError(
      `the file does not declare a function as this component needs it:\n${z.prettifyError(parsed.error)}`,
    );
  }
  const { props, args, yaml, resource } = parsed.data;
  return { name: resource.name, props, args, root: dirname(yaml.path) };
}
