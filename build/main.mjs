#!/usr/bin/env node
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
/**
 * Builds dist/: for each environment one bundle a function (what `s deploy` uploads and the embedded cloud runs), the
 * runtime that runs them in the embedded cloud, the connector, and the command line. Run through `npm run build`; `--quiet` prints faults only.
 */
import { build } from 'esbuild';
import { parse } from 'yaml';
import { bundleWorkflows } from './bundle-workflows.mjs';
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

const tools = await build({
  ...common,
  entryPoints: [
    { in: 'cli/entry.ts', out: 'cli/entry' },
    { in: 'chaos/entry.ts', out: 'chaos/entry' },
    { in: 'bench/calls/entry.ts', out: 'bench/calls' },
    { in: 'cli/s-component/component.ts', out: 'cli/s-component' },
    { in: 'setup/workflows/read-bundle.ts', out: 'build/read-bundle' },
    { in: 'cli/workflows/check-files.ts', out: 'build/check-workflows' },
    { in: 'setup/s-yaml/check-s-yaml.ts', out: 'build/check-s-yaml' },
    { in: 'local/function-compute/runtime/main.ts', out: 'local/fc-runtime' },
  ],
  outdir: 'dist',
  sourcemap: true,
  plugins: [pruneSdk, externalPackages],
});
// The command line comes last: by its age bin/ tells whether all of this is up to date, which with faults it never is.
const entry = tools.outputFiles.filter(({ path }) => path.endsWith('cli/entry.js'));
await replaceFiles(tools.outputFiles.filter((file) => !entry.includes(file)));
const load = createRequire(import.meta.url);

/** @type {import('../setup/workflows/read-bundle.ts').WorkflowBundle[]} */
const bundles = await load(`${root}dist/build/read-bundle.js`)
  .readBundles(root)
  .catch((/** @type {Error} */ { message }) => {
    console.error(`build: ${message}`);
    process.exit(1);
  });
const functions = await Promise.all(bundles.map(buildFunctions));
const connector = await buildConnector();
await replaceFiles([...functions, connector].flatMap(({ outputFiles }) => outputFiles));
for (const { environmentName, ...bundle } of bundles)
  await replaceFile(`${root}dist/environments/${environmentName}/workflows.json`, JSON.stringify(bundle));
await removeOthers(bundles.map(({ environmentName }) => environmentName));

const bundleFaults = [
  ...functions.flatMap(({ metafile }) => checkBundles(metafile)),
  ...checkConnector(connector.metafile),
];
const fileFaults = [...(await findFaults()), ...(await findSYamlFaults())];
for (const fault of new Set([...bundleFaults, ...fileFaults])) console.error(`build: ${fault}`);
await replaceFiles(entry);
if (bundleFaults.length + fileFaults.length > 0) for (const { path } of entry) await utimes(path, 0, 0);
if (!quiet) {
  for (const { metafile } of functions)
    for (const [output, { bytes }] of Object.entries(metafile.outputs)) console.log(`${output}  ${bytes} bytes`);
}
// 4 is for faults that "workflows check" or "s-yaml check" can show: everything is made, and these may run.
if (bundleFaults.length > 0) process.exitCode = 1;
else if (fileFaults.length > 0) process.exitCode = 4;

/** @param {import('../setup/workflows/read-bundle.ts').WorkflowBundle} bundle */
function buildFunctions({ environmentName, file, scripts }) {
  return build({
    ...common,
    entryPoints: Object.keys(BUDGETS).flatMap((name) => [
      { in: `functions/${name}/handler.ts`, out: `${name}/index` },
      { in: 'shared/secrets/main.ts', out: `${name}/secrets` },
    ]),
    outdir: `dist/environments/${environmentName}`,
    minify: true,
    legalComments: 'none',
    metafile: true,
    plugins: [pruneSdk, bundleWorkflows({ files: { [environmentName]: file }, scripts }), secretsFile],
  });
}

/** One for all environments: it takes the workflows of the one that it is started for. */
function buildConnector() {
  const files = Object.fromEntries(bundles.map(({ environmentName, file }) => [environmentName, file]));
  return build({
    ...common,
    entryPoints: [{ in: 'connector/main.ts', out: 'connector/index' }],
    outdir: 'dist',
    sourcemap: true,
    metafile: true,
    plugins: [bundleWorkflows({ files }), externalPackages],
  });
}

/** @param {import('esbuild').OutputFile[]} files */
async function replaceFiles(files) {
  for (const { path, contents } of files) await replaceFile(path, contents);
}

/**
 * What was built for an environment that is no more can no longer be deployed.
 * @param {string[]} names
 */
async function removeOthers(names) {
  const folder = `${root}dist/environments`;
  const others = (await readdir(folder)).filter((name) => !names.includes(name));
  for (const name of others) await rm(`${folder}/${name}`, { recursive: true, force: true });
}

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

/** The faults that `approval-loop workflows check` would name, by the same code. */
async function findFaults() {
  const { checkFiles, listWorkflowFiles } = load(`${root}dist/build/check-workflows.js`);
  /** @type {import('../cli/workflows/check-files.ts').Printed[]} */
  const printed = await checkFiles(await listWorkflowFiles(root), { root, env: process.env });
  return printed
    .filter(({ severity }) => severity === 'fault')
    .map(({ file, line, message }) => `${relative(root, file)}:${line}: ${message}`);
}

/** The faults that `approval-loop s-yaml check` would name with nothing set in the shell. */
async function findSYamlFaults() {
  const { checkSYaml } = load(`${root}dist/build/check-s-yaml.js`);
  const file = parse(await readFile(`${root}s.yaml`, 'utf8'));
  const all = bundles.map((bundle) => bundle.file);
  return bundles.flatMap(({ environmentName, file: workflows }) => {
    const variables = { LOOP_ENVIRONMENT: environmentName };
    /** @type {{ message: string }[]} */
    const findings = checkSYaml({ file, workflows, all, variables });
    return findings.map(({ message }) => `s.yaml: ${message}; "npm run -s loop -- s-yaml check" shows the line`);
  });
}
