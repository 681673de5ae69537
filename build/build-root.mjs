/** Builds the functions and the connector with the workflows of another folder into its dist/: `node build-root.mjs <folder> <env>`. */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundleWorkflows } from './bundle-workflows.mjs';
import { externalPackages } from './external-packages.mjs';
import { pruneSdk } from './prune-sdk.mjs';
import { secretsFile } from './secrets-file.mjs';

const [root = '', environmentName = ''] = process.argv.slice(2);
const { readBundle } = createRequire(import.meta.url)('../dist/build/read-bundle.js');
const { file, scripts, sources } = await readBundle(root, environmentName);
const outdir = join(root, 'dist/environments', environmentName);
const workflows = bundleWorkflows({ files: { [environmentName]: file }, scripts });

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: resolve(import.meta.dirname, '..'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  charset: 'utf8',
  logLevel: 'warning',
};

const functions = build({
  ...common,
  entryPoints: ['ingest', 'dispatch', 'notify'].flatMap((name) => [
    { in: `functions/${name}/handler.ts`, out: `${name}/index` },
    { in: 'shared/secrets/main.ts', out: `${name}/secrets` },
  ]),
  outdir,
  minify: true,
  plugins: [pruneSdk, workflows, secretsFile],
});
const connector = build({
  ...common,
  entryPoints: [{ in: 'connector/main.ts', out: 'connector/index' }],
  outdir: join(root, 'dist'),
  plugins: [workflows, externalPackages],
});
await Promise.all([functions, connector]);
await writeFile(join(outdir, 'workflows.json'), JSON.stringify({ file, scripts, sources }));
