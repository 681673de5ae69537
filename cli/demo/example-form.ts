import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../io.ts';

const exampleSchema = z.object({ fields: z.record(z.string(), z.string()) });

/** The form of `docs/examples/<workflow>.json`, by component id: what the demo fills in. */
export async function readExampleForm(root: string, workflow: string): Promise<Record<string, string>> {
  const path = join('docs', 'examples', `${workflow}.json`);
  const text = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (text === undefined) throw new UsageError(`there is no example form ${path}; the demo fills in what it says`);
  return exampleSchema.parse(JSON.parse(text)).fields;
}
