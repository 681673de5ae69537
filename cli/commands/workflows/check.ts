import { Command } from 'commander';
import { type Io, paint, Unsuccessful } from '../../io.ts';
import { checkFiles, listWorkflowFiles, type Printed } from '../../workflows/check-files.ts';

export function workflowsCheckCommand(io: Io): Command {
  return new Command('check')
    .description('Say what is wrong or unsafe in workflows.yaml, with file, line and path')
    .argument('[file...]', 'files to check (default: workflows.yaml and every workflows.<env>.yaml beside it)')
    .option('--json', 'one JSON object for each finding')
    .addHelpText(
      'after',
      `
Faults (exit code 1): unknown keys with the name that was most likely meant, names that lead nowhere, a parameter
without allow-list, a pattern that backtracks without end, a value that a script could read as an option, a script with
a placeholder that would be replaced unquoted, more than 100 instances (with the variables of this shell), one approval
template in the files of two environments. Warnings do not change the exit code.

What is named workflows.<env>.yaml holds what differs in an environment of env.yaml: it is checked as it counts, over
the workflows.yaml beside it, and a finding names the file and line where the value stands. Any other file counts alone.

Examples:
  $ npm run -s loop -- workflows check
  workflows.yaml:22: fault: workflows.onboarding.parameters.emp_id has the unknown key patern; did you mean pattern?
  $ npm run -s loop -- workflows check workflows.prod.yaml --json
`,
    )
    .action(async (files: string[], options: { json?: true }) => {
      const named = files.length > 0 ? files : await listWorkflowFiles(io.root);
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
