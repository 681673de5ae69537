import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { type Workflows, workflowsSchema } from '../../shared/workflows/schema.ts';
import { ENVIRONMENT } from './cloud.ts';

/**
 * Makes `folder` a repository like the one at `root`, which has been built, but for its workflows.yaml: `change` gets
 * that of the original and gives another. Its functions and its connector are built anew. Rejects if they cannot be.
 */
export async function makeRoot(root: string, folder: string, change: (file: Workflows) => object): Promise<void> {
  const file = workflowsSchema.parse(parse(await readFile(join(root, 'workflows.yaml'), 'utf8')));
  await mkdir(join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'workflows.yaml'), stringify(change(file)));
  await Promise.all(['s.yaml', 'scripts', 'node_modules'].map((name) => symlink(join(root, name), join(folder, name))));
  await cp(join(root, 'dist/local'), join(folder, 'dist/local'), { recursive: true });
  await promisify(execFile)(process.execPath, [join(root, 'build/build-root.mjs'), folder, ENVIRONMENT]);
}
