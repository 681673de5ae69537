import { isSafePattern } from 'redos-detector';
import { compilePattern, type Parameter, type Workflow, type Workflows } from '../../shared/workflows/schema.ts';
import { type Finding, findingAt } from './finding.ts';

/** Values that no list of what people may ask for has: a pattern that takes them all is no allow-list. */
const ANYTHING = ['', 'x', '0', ' ', '~', ';', '$(x)', '../..', '--help', 'a b', '工号 🎉'];
/** Values that a program could take for an option. */
const OPTIONS = ['-', '-x', '--help', '-1', '--'];

/** What is unsafe about the parameters of all workflows. */
export function checkParameters({ workflows, commands }: Workflows): Finding[] {
  return Object.entries(workflows).flatMap(([workflow, { parameters, run, chat }]) =>
    Object.entries(parameters).flatMap(([name, parameter]) => {
      const path = ['workflows', workflow, 'parameters', name];
      const { arguments: words = [] } = commands[run.command] ?? {};
      const unsafe = checkBacktracking([...path, 'pattern'], parameter);
      return [
        // A pattern that may take very long is not tried on anything.
        ...(unsafe.length > 0
          ? unsafe
          : [
              ...checkPattern([...path, 'pattern'], parameter),
              ...checkPosition(path, parameter, isPositional(words, name)),
            ]),
        ...checkUse(path, words.includes(`{{${name}}}`) || isPicker(run, name) || chat.parameter === name),
      ];
    }),
  );
}

/** Whether the instances of the run are picked by it. */
function isPicker({ instances }: Workflow['run'], name: string): boolean {
  return !Array.isArray(instances) && instances.parameter === name;
}

/** The value has at most max_length bytes, but a form is filled in by anybody and a match may block the function. */
function checkBacktracking(path: string[], { pattern }: Parameter): Finding[] {
  if (pattern === undefined) return [];
  const faults = {
    safe: [],
    unsafe: `"${pattern}" can take very long to refuse some values (backtracking); let no two repetitions match the same text`,
    unknown: `"${pattern}" cannot be checked for backtracking; write it in simpler terms, for example without named groups`,
  };
  return [faults[safetyOf(pattern)]].flat().map((what) => findingAt('fault', path, what));
}

function safetyOf(pattern: string): 'safe' | 'unsafe' | 'unknown' {
  try {
    return isSafePattern(compilePattern(pattern).source, { unicode: true, timeout: 500 }).safe ? 'safe' : 'unsafe';
  } catch (error) {
    // The detector does not know all that a regular expression may have.
    if (error instanceof SyntaxError) return 'unknown';
    throw error;
  }
}

function checkPattern(path: string[], { pattern }: Parameter): Finding[] {
  if (pattern === undefined) return [];
  const expression = compilePattern(pattern);
  if (ANYTHING.slice(1).every((value) => expression.test(value)))
    return [findingAt('fault', path, `"${pattern}" takes whatever people type; say what is needed, or use text: true`)];
  const foreign = [...pattern].find((letter) => letter > '~');
  if (foreign === undefined) return [];
  const what = `"${pattern}" wants ${foreign}, and values are printable ASCII; use one_of with a map, or text: true`;
  return [findingAt('fault', path, what)];
}

/** A value behind an option (`--role devops`) is its value; one that stands alone may be read as an option itself. */
function isPositional(words: readonly string[], name: string): boolean {
  const index = words.indexOf(`{{${name}}}`);
  return index >= 0 && !(words[index - 1] ?? '').startsWith('-');
}

function checkPosition(path: string[], { pattern, one_of }: Parameter, positional: boolean): Finding[] {
  const values = Array.isArray(one_of) ? one_of : Object.values(one_of ?? {});
  const taken = pattern === undefined ? [] : OPTIONS.filter((option) => compilePattern(pattern).test(option));
  const [option] = [...taken, ...values.filter((value) => value.startsWith('-'))];
  if (!positional || option === undefined) return [];
  return [
    findingAt(
      'fault',
      path,
      `takes "${option}", which the script could read as an option; put an option of its own in front of it, or let no value begin with -`,
    ),
  ];
}

function checkUse(path: string[], used: boolean): Finding[] {
  return used
    ? []
    : [
        findingAt(
          'warning',
          path,
          'nothing uses it: neither an argument of the command, nor run.instances, nor chat.parameter',
        ),
      ];
}
