import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from './command-line.ts';

const FOLDERS = 'bench bin build chaos cli connector functions local scripts setup shared tests';
const FILES = 'package.json tsconfig.json env.yaml s.yaml s.local.yaml workflows.yaml';

/** A copy of this repository as it is now, with these files in it, built. */
export interface Copy {
  root: string;
  remove(): Promise<void>;
}

export async function copyRepository(files: Readonly<Record<string, string>>): Promise<Copy> {
  const root = await mkdtemp(join(tmpdir(), 'copy-'));
  for (const name of `${FOLDERS} ${FILES}`.split(' '))
    await cp(join(ROOT, name), join(root, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  const built = await run(['--quiet'], { program: [process.execPath, join(root, 'build', 'main.mjs')] });
  if (built.code !== 0) throw new Error(`the copy was not built: ${built.stderr}`);
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
