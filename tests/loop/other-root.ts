import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { type Workflows, workflowsSchema } from '../../shared/workflows/schema.ts';
import { ROOT } from './start-loop.ts';

export interface OtherRoot {
  root: string;
  remove(): Promise<void>;
}

/** A repository like this one but for its workflows.yaml, built. */
export async function makeRoot(change: (file: Workflows) => object): Promise<OtherRoot> {
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  const file = workflowsSchema.parse(parse(await readFile(join(ROOT, 'workflows.yaml'), 'utf8')));
  await writeFile(join(root, 'workflows.yaml'), stringify(change(file)));
  await Promise.all(['s.yaml', 'scripts'].map((name) => symlink(join(ROOT, name), join(root, name))));
  await mkdir(join(root, 'dist'));
  await cp(join(ROOT, 'dist/local'), join(root, 'dist/local'), { recursive: true });
  await promisify(execFile)(process.execPath, [join(__dirname, 'build-root.mjs'), root]);
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
