#!/usr/bin/env node
/** Builds dist/ when it is older than its sources, then runs the chaos run from it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build-if-stale.mjs';

buildIfStale(fileURLToPath(new URL('..', import.meta.url)));
createRequire(import.meta.url)('../dist/chaos/entry.js');
