import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ROOT } from './command-line.ts';

const fileSchema = z.looseObject({ environments: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** The repository, or a copy of it, with other settings of one environment: everything else is the same files. */
export async function rootWithEnv(
  name: string,
  settings: object,
  like = ROOT,
): Promise<{ root: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'approval-loop-root-'));
  for (const entry of await readdir(like))
    if (entry !== 'env.yaml') await symlink(join(like, entry), join(root, entry));
  const file = fileSchema.parse(parse(await readFile(join(like, 'env.yaml'), 'utf8')));
  const environments = { ...file.environments, [name]: { ...file.environments[name], ...settings } };
  await writeFile(join(root, 'env.yaml'), stringify({ ...file, environments }));
  return { root, remove: () => rm(root, { recursive: true }) };
}
