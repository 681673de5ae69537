import { Command, Option } from 'commander';
import { listPauses } from '../../../shared/journal/pauses.ts';
import { openAccess } from '../../inspect/access.ts';
import { describePause, pauseJson } from '../../inspect/describe-pause.ts';
import { type Summary, summarise, type Which } from '../../inspect/summary.ts';
import { printJson, span, table } from '../../inspect/terminal.ts';
import type { Io } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

interface Options {
  open?: true;
  parked?: true;
  all?: true;
  state: string;
  json?: true;
}

export function requestsListCommand(io: Io): Command {
  return new Command('list')
    .description('Requests, oldest first: how far each is, and whose step is next. By default those that are open')
    .option('--open', 'those that are on their way (the default)')
    .addOption(new Option('--parked', 'those that were given up and wait for a person').conflicts('open'))
    .addOption(new Option('--all', 'every request there has been').conflicts(['open', 'parked']))
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object: {"requests": […], "pauses": […]}')
    .addHelpText(
      'after',
      `
NEXT STEP is what happens next, and BY who does it: ingest, dispatch or notify by itself, an operator by a command.
Pauses stand above the list: "resume" lifts them.

Example:
  $ npm run -s loop -- requests list --parked
`,
    )
    .action(async (options: Options) => {
      const which = options.all ? 'all' : options.parked ? 'parked' : 'open';
      const access = await openAccess(io, options.state);
      const [requests, pauses] = await Promise.all([summarise(access, which), listPauses(access.work)]);
      if (options.json) return printJson(io, { requests, pauses: pauses.map(pauseJson) });
      for (const line of [...pauses.map(describePause), ...toLines(requests, which)]) io.out(line);
    });
}

const NONE: Record<Which, string> = {
  open: 'No request is open.',
  parked: 'No request is parked.',
  all: 'There has been no request yet.',
};

function toLines(requests: readonly Summary[], which: Which): string[] {
  if (requests.length === 0) return [NONE[which]];
  return table(
    ['REQUEST', 'WORKFLOW', 'SUBJECT', 'AGE', 'LAST FACT', 'NEXT STEP', 'BY'],
    requests.map((request) => [
      request.request_id,
      request.workflow,
      request.subject,
      request.age_ms === null ? '' : span(request.age_ms),
      lastOf(request),
      request.next_step ?? '-',
      request.by ?? '-',
    ]),
  );
}

function lastOf({ state, end, last_fact }: Summary): string {
  if (state === 'broken') return 'chain broken';
  if (last_fact === null) return 'none yet';
  return end === null ? last_fact : `${last_fact} (${end})`;
}
