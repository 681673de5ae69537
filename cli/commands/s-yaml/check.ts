import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { readEnvironmentNames } from '../../../setup/environments/env-file.ts';
import { checkSYaml } from '../../../setup/s-yaml/check-s-yaml.ts';
import type { Finding } from '../../../setup/workflows/finding.ts';
import { readWorkflows } from '../../../setup/workflows/read-bundle.ts';
import { isSet } from '../../../shared/config/environment.ts';
import { errorMessage } from '../../../shared/errors.ts';
import { type Io, paint, Unsuccessful, UsageError } from '../../io.ts';
import { nearMiss } from '../../near-miss.ts';
import { type LinedYaml, lineOf, parseLinedYaml } from '../../yaml-lines.ts';

/** A fault as it is printed: one line of JSON with --json. */
interface Printed {
  file: string;
  line: number;
  path: string;
  message: string;
}

export function sYamlCheckCommand(io: Io): Command {
  return new Command('check')
    .description('Say what Serverless Devs would let pass in s.yaml, with file, line and path')
    .argument('[file]', 'the file to check (default: s.yaml)')
    .option('--json', 'one JSON object for each fault')
    .addHelpText(
      'after',
      `
The tool passes over a misspelt key in silence and "s deploy" validates nothing. Faults (exit code 1): unknown keys with
the one that was most likely meant, values that Function Compute refuses, memory that does not fit the vCPUs, a function
that setup's rules do not find, triggers that do nothing, variables that a function needs and does not get or gets and
does not need, more than 4 KB of them, a component without its version, a secret in the file.
Values are filled in from the variables of this shell, as a deploy would. LOOP_ENVIRONMENT names the environment whose
workflows count; without it the file has to fit every environment.

Examples:
  $ npm run -s loop -- s-yaml check
  $ npm run -s loop -- s-yaml check s.prod.yaml --json
  {"file":"s.prod.yaml","line":20,"path":"template.function","message":"has the unknown key memorysize, …"}
`,
    )
    .action((file: string | undefined, options: { json?: true }) => check(file, options, io));
}

async function check(named: string | undefined, { json }: { json?: true }, io: Io): Promise<void> {
  const file = named ?? 's.yaml';
  const yaml = parseLinedYaml(await readText(named === undefined ? join(io.root, file) : resolve(named)));
  const faults = yaml.document.errors.length > 0 ? syntaxFaults(file, yaml) : await findFaults(file, yaml, io);
  for (const fault of faults) io.out(json ? JSON.stringify(fault) : toText(fault, io));
  if (faults.length > 0) throw new Unsuccessful(`${faults.length} faults`);
  if (!json) io.out(`${file}: ${paint(io).green('nothing to say')}`);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${errorMessage(error)}`);
  });
}

function syntaxFaults(file: string, { document, lines }: LinedYaml): Printed[] {
  return document.errors.map(({ pos, message }) => {
    const [first = message] = message.split('\n');
    return { file, line: lines.linePos(pos[0]).line, path: '', message: `not YAML: ${first}` };
  });
}

async function findFaults(file: string, yaml: LinedYaml, io: Io): Promise<Printed[]> {
  const names = await readEnvironmentNames(io.root);
  const { LOOP_ENVIRONMENT: chosen } = io.env;
  if (isSet(chosen) && !names.includes(chosen))
    throw new UsageError(`LOOP_ENVIRONMENT is "${chosen}", and env.yaml has ${names.join(', ')}; name one of them`);
  const environments = await Promise.all(
    names.map(async (name) => ({ name, workflows: (await readWorkflows(io.root, name)).file })),
  );
  const all = environments.map(({ workflows }) => workflows);
  const findings = environments
    .filter(({ name }) => !isSet(chosen) || name === chosen)
    .flatMap(({ name, workflows }) =>
      checkSYaml({ file: yaml.document.toJS(), workflows, all, variables: { ...io.env, LOOP_ENVIRONMENT: name } }),
    );
  const printed = findings.map((finding) => toPrinted(file, yaml, finding)).sort((a, b) => a.line - b.line);
  return unique(printed);
}

/** Most faults are the same in every environment. */
function unique(faults: readonly Printed[]): Printed[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}

function toPrinted(file: string, yaml: LinedYaml, finding: Finding): Printed {
  const { path, message, unknownKeys: [key] = [], knownKeys = [] } = finding;
  const meant = key === undefined ? undefined : nearMiss(key, knownKeys);
  const place = path.map(String).join('.');
  const what = message.slice(place.length + 2);
  return {
    file,
    line: lineOf(yaml, key === undefined ? path : [...path, key]),
    path: place,
    message: meant === undefined ? what : `${what}; did you mean ${meant}?`,
  };
}

function toText({ file, line, path, message }: Printed, io: Io): string {
  const what = path === '' ? message : `${path}: ${message}`;
  return `${file}:${line}: ${paint(io).red(what)}`;
}
