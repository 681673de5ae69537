import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = [
  'build',
  'chaos',
  'cli',
  'functions',
  'local',
  'setup',
  'shared',
  'scripts',
  's.yaml',
  'workflows.yaml',
  'package.json',
];

/** @param {string} path @returns {number} */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Builds dist/ when it is older than its sources, and ends the process where that fails.
 * @param {string} root
 */
export function buildIfStale(root) {
  const entry = join(root, 'dist', 'cli', 'entry.js');
  const sources = Math.max(...SOURCES.map((name) => newest(join(root, name))));
  if (existsSync(entry) && statSync(entry).mtimeMs >= sources) return;
  const built = spawnSync(process.execPath, [join(root, 'build', 'main.mjs'), '--quiet'], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
