import { Command } from 'commander';
import { openAccess } from '../../inspect/access.ts';
import { findRequests } from '../../inspect/find-requests.ts';
import { followToEnd } from '../../inspect/follow-to-end.ts';
import { type Inspection, inspectRequest } from '../../inspect/inspect-request.ts';
import { type Io, Unsuccessful } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';
import { oneFamily } from '../../operate/one-family.ts';

interface Options {
  wait: boolean;
  state: string;
  json?: true;
}

/** InvocationStatus of one instance while its part of the run can still be stopped. */
const GOING_ON = ['Pending', 'Scheduled', 'Running', 'Stopping'];

export function requestsStopCommand(io: Io): Command {
  return new Command('stop')
    .description('Stop the run of a request on all of its instances, and follow the request to its message')
    .argument('<id>', 'request id, approval instance id, business number or employee id')
    .option('--no-wait', 'stop it and do not follow it')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object at the end')
    .addHelpText(
      'after',
      `
What the script has done until then stays as it is; the message says that somebody stopped it.
Exit code 0 once it is stopped, 1 if nothing runs or the run ended by itself first.

Example:
  $ npm run -s loop -- requests stop E123
`,
    )
    .action((query: string, options: Options) => stop(query, options, io));
}

async function stop(query: string, options: Options, io: Io): Promise<void> {
  const access = await openAccess(io, options.state);
  const requestId = oneFamily(query, await findRequests(access, query));
  const found = await inspectRequest(access, requestId);
  const { run } = found;
  if (!run?.instances.some(({ status }) => GOING_ON.includes(status))) {
    io.err(`not stopped: ${whyNot(found)}`);
    throw new Unsuccessful();
  }
  if (!options.json) io.out(`${requestId}: stopping ${run.invokeId}`);
  const begin = async () => {
    await access.stopInvocation(run.invokeId);
    await access.wake('notify');
  };
  const ended = await followToEnd(access, requestId, begin, options, io);
  // A run that had not begun is Cancelled, one that had is Terminated.
  if (ended && ended.end !== 'Terminated' && ended.end !== 'Cancelled') {
    io.err(`it ended as ${ended.end ?? 'nobody knows what'}, which is not how a stopped run ends`);
    throw new Unsuccessful();
  }
}

function whyNot({ summary, run }: Inspection): string {
  const { request_id, end, last_fact } = summary;
  if (run) return `the run ${run.invokeId} of ${request_id} has ended already`;
  if (end !== null) return `${request_id} has ended without a run (${end})`;
  return `nothing runs for ${request_id} (${last_fact ?? 'not accepted yet'}); revoke the approval to keep it from running`;
}
