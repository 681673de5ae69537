#!/usr/bin/env node
/**
 * `npm run s:invoke -- <function> …` and `npm run s:start -- <function>`: builds dist/ when it is older than its sources
 * and runs the unmodified `s <function> local invoke|start` on s.local.yaml, with its files kept out of the home folder.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { buildIfStale } from './build-if-stale.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [verb = '', name = '', ...args] = process.argv.slice(2);

// The tool itself takes a name that it does not know for a command of every function, and ends with 0.
const names = Object.keys(parse(readFileSync(join(root, 's.local.yaml'), 'utf8')).resources);
if (!names.includes(name)) {
  const given = name === '' ? 'no function is named' : `there is no function "${name}"`;
  console.error(`error: ${given}; name one of ${names.join(', ')} first: npm run s:${verb} -- ${names[0]} --silent`);
  process.exit(2);
}
buildIfStale(root);
const child = spawn(
  process.execPath,
  [join(root, 'node_modules/.bin/s'), name, 'local', verb, '--template', 's.local.yaml', ...args],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      // Its logs hold the variables of the functions.
      serverless_devs_config_home: join(root, 'node_modules/.cache/serverless-devs'),
      // With this it starts neither its usage report nor its search for updates.
      NODE_ENV: 'test',
    },
  },
);
// A terminal signals the whole group: the tool ends in order, and this process after it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
