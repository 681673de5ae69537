import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pruneSdk } from '../../../../build/prune-sdk.mjs';

/** Bundles `entry.ts` to the file named on the command line, with the SDK pruned as in the functions. */
await build({
  absWorkingDir: fileURLToPath(new URL('../../../..', import.meta.url)),
  entryPoints: [fileURLToPath(new URL('entry.ts', import.meta.url))],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  plugins: [pruneSdk],
});
