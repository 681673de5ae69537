import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

/**
 * Turns an import of workflows.yaml into two: the parsed file, and what dispatch must know of the scripts it names, their
 * hash, and their text where a run sends the script itself.
 */
export const bundleWorkflows = {
  name: 'bundle-workflows',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onLoad({ filter: /workflows\.yaml$/ }, async ({ path }) => {
      const { file, scripts } = await readBundle(path);
      const contents = `export const file = ${JSON.stringify(file)};\nexport const scripts = ${JSON.stringify(scripts)};`;
      return { contents, loader: 'js' };
    });
  },
};

/** @param {string} path of workflows.yaml */
export async function readBundle(path) {
  const file = parse(await readFile(path, 'utf8'));
  return { file, scripts: await readScripts(file, dirname(path)) };
}

/**
 * @param {any} file the parsed workflows.yaml, not yet checked
 * @param {string} root
 */
async function readScripts(file, root) {
  /** @type {Record<string, { sha256: string, text?: string }>} */
  const scripts = {};
  for (const command of Object.values(file?.commands ?? {})) {
    const text = await readFile(join(root, String(command.script)), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    scripts[command.script] = command.path === undefined ? { sha256, text } : { sha256, ...scripts[command.script] };
  }
  return scripts;
}
