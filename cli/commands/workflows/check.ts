import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import * as z from 'zod';
import type { ScriptTexts } from '../../../setup/workflows/check-runs.ts';
import { checkTemplatesAgainst } from '../../../setup/workflows/check-templates.ts';
import { checkWorkflows } from '../../../setup/workflows/check-workflows.ts';
import type { Finding } from '../../../setup/workflows/finding.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Workflows } from '../../../shared/workflows/schema.ts';
import { type Io, paint, Unsuccessful, UsageError } from '../../io.ts';
import { nearMiss } from '../../near-miss.ts';
import { type LinedYaml, lineOf, parseLinedYaml } from '../../yaml-lines.ts';

/** A finding as it is printed: one line of JSON with --json. */
interface Printed {
  file: string;
  line: number;
  path: string;
  severity: Finding['severity'];
  message: string;
}

export function workflowsCheckCommand(io: Io): Command {
  return new Command('check')
    .description('Say what is wrong or unsafe in workflows.yaml, with file, line and path')
    .argument('[file...]', 'files to check, several for several environments (default: workflows.yaml)')
    .option('--json', 'one JSON object for each finding')
    .addHelpText(
      'after',
      `
Faults (exit code 1): unknown keys with the name that was most likely meant, names that lead nowhere, a parameter
without allow-list, a pattern that backtracks without end, a value that a script could read as an option, a script with
a placeholder that would be replaced unquoted, more than 100 instances (with the variables of this shell), one approval
template in the files of two environments. Warnings do not change the exit code.

Examples:
  $ npm run -s loop -- workflows check
  workflows.yaml:22: fault: workflows.onboarding.parameters.emp_id has the unknown key patern; did you mean pattern?
  $ npm run -s loop -- workflows check workflows.dev.yaml workflows.prod.yaml --json
`,
    )
    .action(async (files: string[], options: { json?: true }) => {
      const named = files.length > 0 ? files : [join(io.root, 'workflows.yaml')];
      const printed = await checkFiles(named, io);
      for (const line of printed) io.out(options.json ? JSON.stringify(line) : toText(line, io));
      const faults = printed.filter(({ severity }) => severity === 'fault').length;
      if (!options.json && printed.length === 0) io.out(`${named.join(', ')}: ${paint(io).green('nothing to say')}`);
      if (faults > 0) throw new Unsuccessful(`${faults} faults`);
    });
}

function toText({ file, line, severity, message }: Printed, io: Io): string {
  const { red, yellow } = paint(io);
  return `${file}:${line}: ${severity === 'fault' ? red('fault') : yellow('warning')}: ${message}`;
}

async function checkFiles(files: readonly string[], io: Io): Promise<Printed[]> {
  const printed: Printed[] = [];
  const before: { name: string; file: Workflows }[] = [];
  for (const file of files) {
    const yaml = await readYaml(file);
    const [syntax] = yaml.document.errors;
    if (syntax) {
      const line = yaml.lines.linePos(syntax.pos[0]).line;
      printed.push({ file, line, path: '', severity: 'fault', message: `not YAML: ${firstLine(syntax.message)}` });
      continue;
    }
    const parsed = toValue(yaml);
    if ('fault' in parsed) {
      printed.push({ file, line: 1, path: '', severity: 'fault', message: parsed.fault });
      continue;
    }
    const { findings, workflows } = checkWorkflows(parsed.value, await readScripts(parsed.value, io.root), io.env);
    const across = workflows ? checkTemplatesAgainst(workflows, before) : [];
    printed.push(...[...findings, ...across].map((finding) => toPrinted(file, yaml, finding)));
    if (workflows) before.push({ name: file, file: workflows });
  }
  return printed;
}

async function readYaml(file: string): Promise<LinedYaml> {
  const text = await readFile(resolve(file), 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${errorMessage(error)}`);
  });
  return parseLinedYaml(text);
}

/** The file as data; aliases that make it endless are a fault. */
function toValue({ document }: LinedYaml): { value: unknown } | { fault: string } {
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { fault: `not readable: ${firstLine(errorMessage(error))}` };
  }
}

const scriptsSchema = z.object({ commands: z.record(z.string(), z.object({ script: z.string() })) });

/** The scripts that the file names, as far as it can be read; paths are those of the repository. */
async function readScripts(file: unknown, root: string): Promise<ScriptTexts> {
  const parsed = scriptsSchema.safeParse(file);
  const names = parsed.success ? Object.values(parsed.data.commands).map(({ script }) => script) : [];
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(root, name), 'utf8').catch(() => undefined)] as const),
    ),
  );
}

function toPrinted(file: string, yaml: LinedYaml, finding: Finding): Printed {
  const { path, severity, message, unknownKeys = [], knownKeys = [] } = finding;
  const meant = unknownKeys.flatMap((key) => nearMiss(key, knownKeys) ?? []);
  const [key] = unknownKeys;
  return {
    file,
    line: lineOf(yaml, key === undefined ? path : [...path, key]),
    path: path.map(String).join('.'),
    severity,
    message: meant.length > 0 ? `${message}; did you mean ${meant.join(', ')}?` : message,
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
