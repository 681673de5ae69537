import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as local from '../../local/cloud/make-root.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { ROOT } from './start-loop.ts';

export interface OtherRoot {
  root: string;
  remove(): Promise<void>;
}

/** A repository like this one but for its workflows.yaml, built, in a folder of its own. */
export async function makeRoot(change: (file: Workflows) => object): Promise<OtherRoot> {
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  await local.makeRoot(ROOT, root, change);
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
