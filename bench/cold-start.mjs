#!/usr/bin/env node
/**
 * Cold start of each function: a fresh process that loads the bundle, against a fresh process that loads only Node's own
 * http, https and crypto, in turn, so that both meet the same machine. Prints medians and the difference, and fails when
 * a function takes longer than its budget over bare Node.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const RUNS = Number(process.argv[2] ?? 15);
const BUDGET_MS = { ingest: 40, dispatch: 70, notify: 70 };
const BARE = "require('http');require('https');require('crypto');";

/** Milliseconds from the start of a process until `code` has run. @param {string} code */
function measure(code) {
  const script = `${code};process.stdout.write(String(performance.now()))`;
  const { stdout, status } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the measured process ended with ${status}; run npm run build first`);
  return Number(stdout);
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

let failed = false;
console.log(`function   bare ms   loaded ms   over bare ms   budget ms   ratio   (median of ${RUNS})`);
for (const [name, budget] of Object.entries(BUDGET_MS)) {
  const pairs = Array.from({ length: RUNS }, () => [
    measure(BARE),
    measure(`${BARE}require('./dist/environments/dev/${name}/index.js')`),
  ]);
  const bare = median(pairs.map(([first]) => first ?? 0));
  const loaded = median(pairs.map(([, second]) => second ?? 0));
  const over = median(pairs.map(([first = 0, second = 0]) => second - first));
  failed ||= over > budget;
  const columns = [bare, loaded, over].map((value) => value.toFixed(1));
  console.log(
    `${name.padEnd(10)} ${columns[0]?.padStart(7)} ${columns[1]?.padStart(11)} ${columns[2]?.padStart(14)} ${String(budget).padStart(11)} ${(loaded / bare).toFixed(2).padStart(7)}${over > budget ? '   OVER' : ''}`,
  );
}
process.exitCode = failed ? 1 : 0;
