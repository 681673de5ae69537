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

/** How a build ends that has made everything, and found faults in what it is made from. */
const FAULTS = 4;

/** @param {string} path @returns {number} */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Builds dist/ when it is older than its sources, and ends the process where that fails. A command that names the
 * faults of workflows.yaml and s.yaml goes on where these are all that is wrong.
 * @param {string} root
 * @param {{ namesFaults?: boolean }} [command]
 */
export function buildIfStale(root, { namesFaults = false } = {}) {
  const entry = join(root, 'dist', 'cli', 'entry.js');
  const sources = Math.max(...SOURCES.map((name) => newest(join(root, name))));
  if (existsSync(entry) && statSync(entry).mtimeMs >= sources) return;
  const build = join(root, 'build', 'main.mjs');
  const built = spawnSync(process.execPath, [build, '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (built.status === FAULTS && namesFaults) return;
  process.stderr.write(`${built.stdout}${built.stderr}`);
  if (built.status !== 0) process.exit(built.status === FAULTS ? 1 : (built.status ?? 1));
}
