#!/usr/bin/env node
import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
/**
 * Builds dist/: one bundle a function (what `s deploy` uploads and the embedded cloud runs), the runtime that runs them
 * in the embedded cloud, the connector, and the command line. Run through `npm run build`; `--quiet` prints faults only.
 */
import { build } from 'esbuild';
import { parse } from 'yaml';
import { bundleWorkflows, readBundle } from './bundle-workflows.mjs';
import { BUDGETS, checkBundles, checkConnector } from './check-bundles.mjs';
import { externalPackages } from './external-packages.mjs';
import { pruneSdk } from './prune-sdk.mjs';
import { secretsFile } from './secrets-file.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = process.argv.includes('--quiet');

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Half of the texts are Chinese: escaped they would be twice as long.
  charset: 'utf8',
  logLevel: 'warning',
  write: false,
};

const functions = build({
  ...common,
  entryPoints: Object.keys(BUDGETS).flatMap((name) => [
    { in: `functions/${name}/handler.ts`, out: `${name}/index` },
    { in: 'shared/secrets/main.ts', out: `${name}/secrets` },
  ]),
  outdir: 'dist',
  minify: true,
  legalComments: 'none',
  metafile: true,
  plugins: [pruneSdk, bundleWorkflows, secretsFile],
});
const tools = build({
  ...common,
  entryPoints: [
    { in: 'cli/entry.ts', out: 'cli/entry' },
    { in: 'chaos/entry.ts', out: 'chaos/entry' },
    { in: 'bench/calls/entry.ts', out: 'bench/calls' },
    { in: 'cli/s-component/component.ts', out: 'cli/s-component' },
    { in: 'setup/workflows/check-workflows.ts', out: 'build/check-workflows' },
    { in: 'setup/s-yaml/check-s-yaml.ts', out: 'build/check-s-yaml' },
    { in: 'local/function-compute/runtime/main.ts', out: 'local/fc-runtime' },
  ],
  outdir: 'dist',
  sourcemap: true,
  plugins: [pruneSdk, externalPackages],
});

const connector = build({
  ...common,
  entryPoints: [{ in: 'connector/main.ts', out: 'connector/index' }],
  outdir: 'dist',
  sourcemap: true,
  metafile: true,
  plugins: [bundleWorkflows, externalPackages],
});

const built = await Promise.all([functions, connector, tools]);
const NOTHING = { inputs: {}, outputs: {} };
const [{ metafile = NOTHING }, { metafile: connectorMetafile = NOTHING }] = built;
const bundle = await readBundle(`${root}workflows.yaml`);
await replaceFile(`${root}dist/workflows.json`, JSON.stringify(bundle));
// The command line comes last: by its age bin/ tells whether all of this is up to date, which with faults it never is.
const files = built.flatMap(({ outputFiles = [] }) => outputFiles);
const entry = files.filter(({ path }) => path.endsWith('cli/entry.js'));
for (const file of files.filter((candidate) => !entry.includes(candidate))) await replaceFile(file.path, file.contents);
const bundleFaults = [...checkBundles(metafile), ...checkConnector(connectorMetafile)];
const fileFaults = [
  ...(await findFaults(bundle.file, Object.keys(bundle.scripts))),
  ...(await findSYamlFaults(bundle.file)),
];
const faults = [...bundleFaults, ...fileFaults];
for (const fault of faults) console.error(`build: ${fault}`);
for (const file of entry) {
  await replaceFile(file.path, file.contents);
  if (faults.length > 0) await utimes(file.path, 0, 0);
}
if (!quiet) {
  for (const [output, { bytes }] of Object.entries(metafile.outputs)) console.log(`${output}  ${bytes} bytes`);
}
// 4 is for faults that "workflows check" or "s-yaml check" can show: everything is made, and these may run.
if (bundleFaults.length > 0) process.exitCode = 1;
else if (fileFaults.length > 0) process.exitCode = 4;

/**
 * Whoever reads the file meanwhile has the old one or the new one, never half of it.
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
async function replaceFile(path, contents) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}

/**
 * The faults that `approval-loop workflows check` would name, by the same code.
 * @param {unknown} file
 * @param {string[]} scripts
 */
async function findFaults(file, scripts) {
  const texts = await Promise.all(scripts.map(async (script) => [script, await readFile(`${root}${script}`, 'utf8')]));
  const { checkWorkflows } = createRequire(import.meta.url)(`${root}dist/build/check-workflows.js`);
  /** @type {{ findings: { severity: string, message: string }[] }} */
  const { findings } = checkWorkflows(file, Object.fromEntries(texts), process.env);
  return findings
    .filter(({ severity }) => severity === 'fault')
    .map(({ message }) => `workflows.yaml: ${message}; "npm run -s loop -- workflows check" shows the line`);
}

/**
 * The faults that `approval-loop s-yaml check` would name with nothing set in the shell.
 * @param {unknown} workflows
 */
async function findSYamlFaults(workflows) {
  const { checkSYaml } = createRequire(import.meta.url)(`${root}dist/build/check-s-yaml.js`);
  const file = parse(await readFile(`${root}s.yaml`, 'utf8'));
  /** @type {{ message: string }[]} */
  const findings = checkSYaml({ file, workflows, variables: {} });
  return findings.map(({ message }) => `s.yaml: ${message}; "npm run -s loop -- s-yaml check" shows the line`);
}
