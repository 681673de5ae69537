import { Command } from 'commander';
import { ALARM_RULES, alarmCondition, alarmQuery } from '../../setup/alarm-queries.ts';
import { printJson } from '../inspect/terminal.ts';
import type { Io } from '../io.ts';
import { readEnvironmentName } from '../setup/deploy-environment.ts';

interface Options {
  env: string;
  json?: true;
}

export function alarmsCommand(io: Io): Command {
  return new Command('alarms')
    .description('Print the queries of Simple Log Service that alerts on the functions are made of')
    .requiredOption('--env <name>', 'the environment whose functions log')
    .option('--json', 'print one JSON object: {"alarms": [{"alarm", "query", "condition", "minutes"}]}')
    .addHelpText(
      'after',
      `
One alert rule for each, in the logstore that the functions write to: the query, the minutes that it looks back and
after which it is asked again, the trigger condition. docs/operations.md says what each means and what to do.

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
    query: alarmQuery(rule, environmentName),
    condition: alarmCondition(rule),
    minutes: rule.minutes,
  }));
  const lines = alarms.flatMap(({ alarm, query, condition, minutes }) => [
    `${alarm}: every ${minutes} min, ${condition}`,
    `  ${query}`,
  ]);
  if (json) printJson(io, { alarms });
  else for (const line of lines) io.out(line);
}
