/** Builds the functions and the connector with the workflows.yaml of another folder into its dist/: `node build-root.mjs <folder>`. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundleWorkflows, readBundle } from './bundle-workflows.mjs';
import { externalPackages } from './external-packages.mjs';
import { pruneSdk } from './prune-sdk.mjs';

const [root = ''] = process.argv.slice(2);
const workflows = join(root, 'workflows.yaml');

/** @type {import('esbuild').Plugin} */
const ofThatFolder = {
  name: 'of-that-folder',
  setup: (build) => build.onResolve({ filter: /workflows\.yaml$/ }, () => ({ path: workflows })),
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: resolve(import.meta.dirname, '..'),
  outdir: join(root, 'dist'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  charset: 'utf8',
  logLevel: 'warning',
};

const functions = build({
  ...common,
  entryPoints: ['ingest', 'dispatch', 'notify'].map((name) => ({
    in: `functions/${name}/handler.ts`,
    out: `${name}/index`,
  })),
  minify: true,
  plugins: [ofThatFolder, pruneSdk, bundleWorkflows],
});
const connector = build({
  ...common,
  entryPoints: [{ in: 'connector/main.ts', out: 'connector/index' }],
  plugins: [ofThatFolder, bundleWorkflows, externalPackages],
});
await Promise.all([functions, connector]);
await writeFile(join(root, 'dist/workflows.json'), JSON.stringify(await readBundle(workflows)));
