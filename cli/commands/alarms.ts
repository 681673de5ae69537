import { Command } from 'commander';
import { ALARM_RULES, alarmCondition, alarmQuery, alertName } from '../../setup/alarm-queries.ts';
import { printJson } from '../inspect/terminal.ts';
import type { Io } from '../io.ts';
import { readEnvironmentName } from '../setup/deploy-environment.ts';

interface Options {
  env: string;
  json?: true;
}

export function alarmsCommand(io: Io): Command {
  return new Command('alarms')
    .description('Print the alerts of Simple Log Service that setup makes on what the functions log')
    .requiredOption('--env <name>', 'the environment whose functions log')
    .option(
      '--json',
      'print one JSON object: {"alarms": [{"alarm", "name", "query", "condition", "minutes", "severity"}]}',
    )
    .addHelpText(
      'after',
      `
One alert for each, in the logstore that the functions write to: its name, the query, the minutes that it looks back and
after which it is asked again, the condition under which it fires, how grave it is. "setup" makes and repairs them; whom
they tell is the action policy that env.yaml names. docs/operations.md says what each means and what to do.

Examples:
  $ npm run -s loop -- alarms --env prod
`,
    )
    .action((options: Options) => printAlarms(options, io));
}

function printAlarms({ env, json }: Options, io: Io): void {
  const environmentName = readEnvironmentName(env);
  const alarms = ALARM_RULES.map((rule) => ({
    alarm: rule.alarm,
    name: alertName(rule, environmentName),
    query: alarmQuery(rule, environmentName),
    condition: alarmCondition(rule),
    minutes: rule.minutes,
    severity: rule.severity,
  }));
  const lines = alarms.flatMap(({ alarm, query, condition, minutes, severity }) => [
    `${alarm}: every ${minutes} min, ${condition}, ${severity}`,
    `  ${query}`,
  ]);
  if (json) printJson(io, { alarms });
  else for (const line of lines) io.out(line);
}
