#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
/**
 * Builds dist/: one bundle a function (what `s deploy` uploads and the embedded cloud runs), the runtime that runs them
 * in the embedded cloud, and the command line. Run through `npm run build`; `--quiet` prints faults only.
 */
import { build } from 'esbuild';
import { bundleWorkflows, readBundle } from './bundle-workflows.mjs';
import { BUDGETS, checkBundles } from './check-bundles.mjs';
import { externalPackages } from './external-packages.mjs';
import { pruneSdk } from './prune-sdk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = process.argv.includes('--quiet');

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
};

const functions = build({
  ...common,
  entryPoints: Object.keys(BUDGETS).map((name) => ({ in: `functions/${name}/handler.ts`, out: `${name}/index` })),
  outdir: 'dist',
  minify: true,
  legalComments: 'none',
  metafile: true,
  plugins: [pruneSdk, bundleWorkflows],
});
const tools = build({
  ...common,
  entryPoints: [
    { in: 'cli/entry.ts', out: 'cli/entry' },
    { in: 'shared/workflows/load-workflows.ts', out: 'build/load-workflows' },
    { in: 'local/function-compute/runtime/main.ts', out: 'local/fc-runtime' },
  ],
  outdir: 'dist',
  sourcemap: true,
  plugins: [pruneSdk, externalPackages],
});

const [{ metafile }] = await Promise.all([functions, tools]);
const bundle = await readBundle(`${root}workflows.yaml`);
await writeFile(`${root}dist/workflows.json`, JSON.stringify(bundle));
const faults = [...checkBundles(metafile), ...checkWorkflows(bundle.file)];
for (const fault of faults) console.error(`build: ${fault}`);
if (!quiet) {
  for (const [output, { bytes }] of Object.entries(metafile.outputs)) console.log(`${output}  ${bytes} bytes`);
}
process.exitCode = faults.length > 0 ? 1 : 0;

/** @param {unknown} file */
function checkWorkflows(file) {
  try {
    createRequire(import.meta.url)(`${root}dist/build/load-workflows.js`).loadWorkflows(file);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
