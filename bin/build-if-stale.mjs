import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = [
  'build',
  'chaos',
  'cli',
  'connector',
  'functions',
  'local',
  'setup',
  'shared',
  'scripts',
  'env.yaml',
  's.yaml',
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

/** The workflows of the repository: a file for all environments, and what differs from it in one. */
const WORKFLOWS = /^workflows\.(.+\.)?ya?ml$/;

/** The files of workflows that the last build was made from. @param {string} root @returns {Set<string>} */
function builtFrom(root) {
  const folder = join(root, 'dist', 'environments');
  const environments = existsSync(folder) ? readdirSync(folder) : [];
  const bundles = environments.map((name) => join(folder, name, 'workflows.json')).filter((path) => existsSync(path));
  return new Set(bundles.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).sources));
}

/**
 * Builds dist/ when it is older than its sources, and ends the process where that fails. A command that names the
 * faults of workflows.yaml and s.yaml goes on where these are all that is wrong.
 * @param {string} root
 * @param {{ namesFaults?: boolean }} [command]
 */
export function buildIfStale(root, { namesFaults = false } = {}) {
  const entry = join(root, 'dist', 'cli', 'entry.js');
  const workflows = readdirSync(root).filter((name) => WORKFLOWS.test(name));
  const sources = Math.max(...[...SOURCES, ...workflows].map((name) => newest(join(root, name))));
  const isNew = existsSync(entry) && statSync(entry).mtimeMs >= sources;
  // A file that is gone, or has come with an old date, changes no other one's date.
  const before = builtFrom(root);
  if (isNew && before.size === workflows.length && workflows.every((name) => before.has(name))) return;
  const build = join(root, 'build', 'main.mjs');
  const built = spawnSync(process.execPath, [build, '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (built.status === FAULTS && namesFaults) return;
  process.stderr.write(`${built.stdout}${built.stderr}`);
  if (built.status !== 0) process.exit(built.status === FAULTS ? 1 : (built.status ?? 1));
}
