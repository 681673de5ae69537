import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { lineOf, parseLinedYaml } from '../../cli/yaml-lines.ts';
import { checkWorkflows } from '../../setup/workflows/check-workflows.ts';
import { WorkflowsError } from '../../shared/workflows/fault.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { changed, SAMPLE } from '../shared/workflows/sample.ts';
import { garbageYaml } from './garbage-yaml.ts';
import { type ByteEdit, byteEdit, editBytes, editJson, type JsonEdit, jsonEdit, tryJson } from './mutations.ts';
import { defineTarget, demand } from './target.ts';

type Case =
  | { kind: 'text'; from: number; edits: ByteEdit[] }
  | { kind: 'data'; from: number; edits: JsonEdit[] }
  | { kind: 'pattern'; pattern: string }
  | { kind: 'garbage'; text: string };

// From the sources and from the bundle in dist/ the way up is the same.
const REPOSITORY = readFileSync(join(__dirname, '../../workflows.yaml'), 'utf8');
const TEXTS = [REPOSITORY, stringify(SAMPLE)];
const FILES = TEXTS.map((text) => parseLinedYaml(text).document.toJS() as unknown);

const pattern = fc
  .array(
    fc.constantFrom(
      'a',
      '.',
      '[0-9]',
      '(',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{2}',
      '{1000}',
      '(?<n>',
      '\\k<n>',
      '(?=',
      '(?!',
      '\\p{L}',
      '\\1',
      '[^',
      ']',
      '^',
      '$',
      '部',
      '\\d',
      '-',
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));
const from = fc.nat(TEXTS.length - 1);

export const workflowFiles = defineTarget<Case>({
  name: 'workflows',
  cases: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('text' as const), from, edits: fc.array(byteEdit, { maxLength: 3 }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('data' as const), from, edits: fc.array(jsonEdit, { maxLength: 3 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pattern' as const), pattern }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('garbage' as const), text: garbageYaml }) },
  ),
  open: async () => ({ check: checkCase }),
});

function checkCase(value: Case): unknown {
  switch (value.kind) {
    case 'text':
      return checkText(value.edits.reduce(editBytes, Buffer.from(TEXTS[value.from] ?? '')).toString());
    case 'data':
      return checkFile(value.edits.reduce<unknown>(editJson, FILES[value.from]));
    case 'pattern':
      return checkFile(changed(SAMPLE, 'workflows.onboarding.parameters.emp_id.pattern', value.pattern));
    case 'garbage':
      return checkText(value.text);
  }
}

/** As the command line reads it: faults of the syntax stop it, all others have a line of the file. */
function checkText(text: string): void {
  const yaml = parseLinedYaml(text);
  if (yaml.document.errors.length > 0) return;
  // The parser would print a warning for each map that is a key.
  Object.assign(yaml.document.options, { logLevel: 'error' });
  const file = toData(() => yaml.document.toJS());
  const count = text.split('\n').length;
  for (const path of checkFile(file)) {
    const line = lineOf(yaml, path);
    demand(Number.isInteger(line) && line >= 1 && line <= count, `a finding on line ${line} of ${count}`);
  }
}

/** The parser's own refusals of what aliases make: too many, or without an anchor. */
function toData(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function checkFile(file: unknown): (readonly PropertyKey[])[] {
  const { findings, workflows } = checkWorkflows(file, scriptsOf(), {});
  demand(
    findings.every(({ message }) => message !== ''),
    'a finding without a message',
  );
  const loaded = tryLoad(file);
  demand((loaded === undefined) === (workflows === undefined), 'the check and the load do not agree');
  demand(workflows !== undefined || findings.some(({ severity }) => severity === 'fault'), 'refused without a fault');
  if (loaded) checkLoaded(loaded);
  return findings.map(({ path }) => path);
}

const scriptsOf = () => Object.fromEntries([['scripts/provision.sh', '#!/bin/sh\n']]);

function tryLoad(file: unknown): Workflows | undefined {
  const names = ['ROBOT_TOKEN', 'ROBOT_SECRET', 'PROCESS_CODE', 'INSTANCE_IDS', 'ECS_INSTANCE_IDS'];
  const variables = Object.fromEntries(names.map((name) => [name, 'x']));
  for (const used of [['on', 'run', 'chats'] as const, []]) {
    try {
      const loaded = loadWorkflows(file, { variables, used });
      if (used.length === 0) return loaded;
    } catch (error) {
      if (!(error instanceof WorkflowsError)) throw error;
      demand(error.faults.length > 0, 'an error without a fault');
    }
  }
  return undefined;
}

/** What is loaded loads again as the same, and keeps the promises that the functions rely on. */
function checkLoaded(loaded: Workflows): void {
  const again = loadWorkflows(tryJson(Buffer.from(JSON.stringify(loaded))));
  demand(
    isDeepStrictEqual(tryJson(Buffer.from(JSON.stringify(again))), tryJson(Buffer.from(JSON.stringify(loaded)))),
    'it loads otherwise',
  );
  for (const { parameters, run } of Object.values(loaded.workflows)) {
    demand(Object.hasOwn(loaded.commands, run.command), 'it runs a command that is not there');
    for (const { pattern, one_of, text } of Object.values(parameters)) {
      const lists = [pattern, one_of, text || undefined].filter((rule) => rule !== undefined);
      demand(lists.length === 1, 'a parameter without exactly one allow-list');
    }
  }
}
