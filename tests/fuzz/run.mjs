#!/usr/bin/env node
/** Bundles the fuzz targets, which are TypeScript, into dist/ and runs them: `npm run fuzz -- --help`. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
await build({
  absWorkingDir: root,
  entryPoints: ['tests/fuzz/main.ts'],
  outfile: 'dist/fuzz/main.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
process.setSourceMapsEnabled(true);
await import('../../dist/fuzz/main.js');
