import { join } from 'node:path';
import { type Io, Unsuccessful } from '../io.ts';
import { runProcess } from './run-process.ts';

/** Builds dist/ anew, so that what is deployed is what stands in the repository; faults are printed. */
export async function buildFunctions(io: Io): Promise<void> {
  const code = await runProcess(io, process.execPath, [join(io.root, 'build', 'main.mjs'), '--quiet']);
  if (code !== 0) throw new Unsuccessful('the build failed');
}
