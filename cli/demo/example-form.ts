import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { fieldOf } from '../../shared/workflows/lookups.ts';
import type { Workflow } from '../../shared/workflows/schema.ts';
import { UsageError } from '../io.ts';

const exampleSchema = z.object({
  platform: z.enum(PLATFORM_NAMES).default('dingtalk'),
  fields: z.record(z.string(), z.string()),
});

/** The form of `docs/examples/<workflow>.json` by the platform's form component: what the demo fills in. */
export async function readExampleForm(
  root: string,
  name: string,
  workflow: Workflow,
  platform: PlatformName,
): Promise<Record<string, string>> {
  const path = join('docs', 'examples', `${name}.json`);
  const text = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (text === undefined) throw new UsageError(`there is no example form ${path}; the demo fills in what it says`);
  const example = exampleSchema.parse(JSON.parse(text));
  if (example.platform === platform) return example.fields;
  const values = Object.values(workflow.parameters).flatMap((parameter) => {
    const value = example.fields[fieldOf(parameter, example.platform) ?? ''];
    const component = fieldOf(parameter, platform);
    return value === undefined || component === undefined ? [] : [[component, value] as const];
  });
  return Object.fromEntries(values);
}
