import { Argument, Command } from 'commander';
import { isInstanceId, PLATFORM_NAMES, type PlatformName, requestIdOf } from '../../../shared/ids.ts';
import { endOf } from '../../../shared/request/end-of.ts';
import { lastStep } from '../../../shared/request/presses.ts';
import { findFact } from '../../../shared/request/records.ts';
import { templateOf } from '../../../shared/workflows/lookups.ts';
import { findNamed } from '../../approval/form-values.ts';
import { type Access, openAccess } from '../../inspect/access.ts';
import { type Asked, askPlatform } from '../../inspect/ask-platform.ts';
import { followToEnd } from '../../inspect/follow-to-end.ts';
import { FINISHED } from '../../inspect/summary.ts';
import { foreign } from '../../inspect/terminal.ts';
import { type Io, Unsuccessful, UsageError } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

interface Options {
  workflow?: string;
  wait: boolean;
  state: string;
  json?: true;
}

export function approvalsPullCommand(io: Io): Command {
  return new Command('pull')
    .description('Take an approval whose callback never came, and follow it to its end')
    .addArgument(new Argument('<platform>', 'where it was given').choices(PLATFORM_NAMES))
    .argument('<instance id>', 'the id of the approval instance there')
    .option('--workflow <name>', 'the workflow that it starts; by default the platform is asked')
    .option('--no-wait', 'take it and do not follow it')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object at the end')
    .addHelpText(
      'after',
      `
Does what the callback would have done: everything is read from the platform and checked as ever. Also puts back an
unfinished request whose open marker was lost. Exit code 0 if the run succeeded (with --no-wait: it was taken), else 1.

Example:
  $ npm run -s loop -- approvals pull dingtalk k4LLnJ4xR7qz_1Zk2AJ0Tg03421700000000
`,
    )
    .action((platform: PlatformName, instanceId: string, options: Options) => pull(platform, instanceId, options, io));
}

async function pull(platform: PlatformName, instanceId: string, options: Options, io: Io): Promise<void> {
  if (!isInstanceId(instanceId))
    throw new UsageError(`"${foreign(instanceId, 80)}" is no approval instance id: 1 to 64 of A-Z a-z 0-9 _ -`);
  const access = await openAccess(io, options.state);
  const requestId = requestIdOf(platform, instanceId);
  const refuse = (why: string): never => {
    io.err(`not taken: ${why}`);
    throw new Unsuccessful();
  };
  await refuseEnded(access, requestId, refuse);
  const code = await findTemplate(access, platform, instanceId, options, refuse);
  const marker = { request_id: requestId, platform, instance_id: instanceId, code, received_at: access.clock.now() };
  const begin = async () => {
    const put = await access.markers.put(marker);
    if (!options.json) io.out(`${requestId}: ${put === 'created' ? 'taken' : 'is open already, looked at now'}`);
    for (const name of ['ingest', 'dispatch', 'notify'] as const) await access.wake(name);
  };
  const ended = await followToEnd(access, requestId, begin, options, io);
  if (ended && ended.end !== 'Success' && ended.end !== 'Redirected') throw new Unsuccessful();
}

async function refuseEnded({ journal }: Access, requestId: string, refuse: (why: string) => never): Promise<void> {
  const { facts } = await journal.read(requestId);
  const last = lastStep(facts);
  if (!last || !FINISHED.includes(last.type)) return;
  const to = findFact(facts, 'redirected')?.to;
  refuse(
    to === undefined
      ? `${requestId} has had its way already (${endOf(facts)}); "requests retry" makes a new attempt`
      : `${requestId} revokes another approval and is carried out as ${to}`,
  );
}

/** The code that the callback would have named. */
async function findTemplate(
  access: Access,
  platform: PlatformName,
  instanceId: string,
  { workflow }: Options,
  refuse: (why: string) => never,
): Promise<string> {
  if (workflow !== undefined) {
    const code = templateOf(findNamed(access.workflows, workflow), platform);
    if (code !== undefined) return code;
    throw new UsageError(`the workflow ${workflow} does not start on ${platform}`);
  }
  const asked = await askPlatform(access, platform, instanceId);
  if (asked.kind === 'approval' && asked.approval.state === 'approved') return asked.code;
  return refuse(whyNotTaken(asked, platform));
}

function whyNotTaken(asked: Asked, platform: PlatformName): string {
  switch (asked.kind) {
    case 'approval':
      return `${platform} says that it is ${asked.approval.state === 'pending' ? 'still pending' : 'not approved'}`;
    case 'other template':
      return 'no workflow of workflows.yaml starts on its template';
    case 'not configured':
      return `${platform} is not configured in this environment`;
    case 'unreadable':
      return `${platform} does not show it to this app (${foreign(asked.error, 80)}); is the id right?`;
    default:
      return `${platform} cannot be asked now (${foreign(asked.error, 80)}); --workflow takes it without`;
  }
}
