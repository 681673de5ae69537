import { Command } from 'commander';
import { oneLine } from '../../../shared/message/neutralise.ts';
import { unpark } from '../../../shared/request/park.ts';
import { openAccess } from '../../inspect/access.ts';
import { findRequests } from '../../inspect/find-requests.ts';
import { followToEnd } from '../../inspect/follow-to-end.ts';
import { foreign } from '../../inspect/terminal.ts';
import { type Io, Unsuccessful, UsageError } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';
import { oneFamily } from '../../operate/one-family.ts';
import { planRetry, type RetryWish } from '../../operate/plan-retry.ts';

interface Options {
  reason: string;
  by?: string;
  failedOnly?: true;
  force?: true;
  wait: boolean;
  state: string;
  json?: true;
}

const MAX_REASON_BYTES = 512;
const MAX_NAME_BYTES = 128;

export function requestsRetryCommand(io: Io): Command {
  return new Command('retry')
    .description('Try a request once more, as a new attempt of the same approval, and follow it to its end')
    .argument('<id>', 'request id, approval instance id, business number or employee id')
    .requiredOption('--reason <text>', 'why, for the record and for the message')
    .option('--failed-only', 'only on the instances on which the last run failed')
    .option('--by <name>', 'who asks for it (default: the user of this shell)')
    .option('--force', 'also after an attempt that ended well')
    .option('--no-wait', 'start it and do not follow it')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object at the end')
    .addHelpText(
      'after',
      `
The approval is read again first: one that has been revoked meanwhile does not run. Refused while an attempt is open.
Exit code 0 if the run succeeded (or, with --no-wait, was started), 1 if not or if it was refused.

Example:
  $ npm run -s loop -- requests retry E123 --reason "the disk was full"
`,
    )
    .action((query: string, options: Options) => retry(query, options, io));
}

async function retry(query: string, options: Options, io: Io): Promise<void> {
  const wish = readWish(options, io);
  const access = await openAccess(io, options.state);
  const requestId = oneFamily(query, await findRequests(access, query));
  const plan = await planRetry(access, requestId, wish);
  if (plan.kind === 'refused') return refuse(plan.why, io);
  const { marker } = plan;
  const begin = async () => {
    if ((await access.markers.put(marker)) === 'exists')
      throw new Error(`somebody else has just started ${marker.request_id}`);
    for (const id of plan.unpark) await unpark(access.work, id);
    if (!options.json) io.out(`${marker.request_id}: tried again for ${wish.by}: ${foreign(wish.reason)}`);
    await access.wake('ingest');
  };
  const ended = await followToEnd(access, marker.request_id, begin, options, io);
  if (ended && ended.end !== 'Success') throw new Unsuccessful();
}

function refuse(why: string, io: Io): never {
  io.err(`not tried again: ${why}`);
  throw new Unsuccessful();
}

function readWish({ reason, by, failedOnly, force }: Options, { env }: Io): RetryWish {
  const said = oneLine(reason, MAX_REASON_BYTES);
  if (said === '') throw new UsageError('--reason is empty; say why, for the record');
  const name = oneLine(by ?? env['USER'] ?? '', MAX_NAME_BYTES);
  return { reason: said, by: name || 'operator', failedOnly: failedOnly === true, force: force === true };
}
