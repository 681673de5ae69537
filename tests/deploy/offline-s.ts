import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../cli/command-line.ts';

const fileSchema = z.object({ resources: z.record(z.string(), z.object({ component: z.string() })) });

/** The unmodified Serverless Devs with our stand-in in the place of its cache where it looks for its component. */
export interface OfflineS {
  /** A program for `SERVERLESS_DEVS`. */
  path: string;
  remove(): Promise<void>;
}

export async function makeOfflineS(): Promise<OfflineS> {
  const folder = await mkdtemp(join(tmpdir(), 'offline-s-'));
  const { resources } = fileSchema.parse(parse(await readFile(join(ROOT, 's.yaml'), 'utf8')));
  for (const component of new Set(Object.values(resources).map((resource) => resource.component)))
    await cacheComponent(join(folder, '.s', 'components', 'devsapp.cn', 'v3', component));
  const path = join(folder, 's');
  await writeFile(
    path,
    `#!/bin/sh
export serverless_devs_config_home='${folder}' NODE_PATH='${join(ROOT, 'node_modules')}'
exec '${process.execPath}' '${join(ROOT, 'node_modules', '.bin', 's')}' "$@"
`,
  );
  await chmod(path, 0o755);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Its lock says that it was looked for just now, so that the tool does not ask the registry for another version. */
async function cacheComponent(place: string): Promise<void> {
  await mkdir(place, { recursive: true });
  await build({
    entryPoints: [join(__dirname, 'stock-component.ts')],
    outfile: join(place, 'component.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'error',
  });
  await writeFile(join(place, 'index.js'), "module.exports = require('./component.js').StockComponent;\n");
  const version = place.split('@')[1] ?? '';
  await writeFile(join(place, 'package.json'), JSON.stringify({ name: 'fc3', version, main: 'index.js' }));
  await writeFile(join(place, '.s.lock'), JSON.stringify({ version, lastUpdateCheck: Date.now() }));
}
