import { Command } from 'commander';
import { openAccess } from '../../inspect/access.ts';
import { findOne } from '../../inspect/find-requests.ts';
import { inspectRequest } from '../../inspect/inspect-request.ts';
import { inspectionLines } from '../../inspect/print-inspection.ts';
import { printJson } from '../../inspect/terminal.ts';
import { toJson } from '../../inspect/to-json.ts';
import type { Io } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

export function requestsShowCommand(io: Io): Command {
  return new Command('show')
    .description('One request with everything there is: facts, leases, lock, notice, run, attempts, message')
    .argument('<id>', 'request id, approval instance id, business number, employee id, or who asked')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Exit code 2 if nothing is found, or several requests are: they are then listed.

Example:
  $ npm run -s loop -- requests show E123
`,
    )
    .action(async (query: string, options: { state: string; json?: true }) => {
      const access = await openAccess(io, options.state);
      const found = await inspectRequest(access, await findOne(access, query));
      if (options.json) printJson(io, toJson(found));
      else for (const line of inspectionLines(found, io)) io.out(line);
    });
}
