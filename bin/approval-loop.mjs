#!/usr/bin/env node
/** Builds dist/ when it is older than its sources, then runs the command line from it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build-if-stale.mjs';

const [noun = '', verb = ''] = process.argv.slice(2);
// What names a fault must run while the fault keeps everything else from it.
const namesFaults = ['workflows', 's-yaml'].includes(noun) && verb === 'check';
buildIfStale(fileURLToPath(new URL('..', import.meta.url)), { namesFaults });
createRequire(import.meta.url)('../dist/cli/entry.js');
