#!/usr/bin/env node
/** Builds dist/ when it is older than its sources, then runs the command line from it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'dist', 'cli', 'entry.js');
const SOURCES = ['build', 'cli', 'functions', 'local', 'setup', 'shared', 'scripts', 'workflows.yaml', 'package.json'];

/** @param {string} path @returns {number} */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (!existsSync(entry) || statSync(entry).mtimeMs < Math.max(...SOURCES.map((name) => newest(join(root, name))))) {
  const built = spawnSync(process.execPath, [join(root, 'build', 'main.mjs'), '--quiet'], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
createRequire(import.meta.url)(entry);
