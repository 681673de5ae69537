/** Builds the functions with the workflows.yaml of another folder into its dist/: `node build-root.mjs <folder>`. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundleWorkflows, readBundle } from './bundle-workflows.mjs';
import { pruneSdk } from './prune-sdk.mjs';

const [root = ''] = process.argv.slice(2);
const workflows = join(root, 'workflows.yaml');

/** @type {import('esbuild').Plugin} */
const ofThatFolder = {
  name: 'of-that-folder',
  setup: (build) => build.onResolve({ filter: /workflows\.yaml$/ }, () => ({ path: workflows })),
};

await build({
  absWorkingDir: resolve(import.meta.dirname, '..'),
  entryPoints: ['ingest', 'dispatch', 'notify'].map((name) => ({
    in: `functions/${name}/handler.ts`,
    out: `${name}/index`,
  })),
  outdir: join(root, 'dist'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  charset: 'utf8',
  logLevel: 'warning',
  plugins: [ofThatFolder, pruneSdk, bundleWorkflows],
});
await writeFile(join(root, 'dist/workflows.json'), JSON.stringify(await readBundle(workflows)));
