import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ENVIRONMENT } from '../../../local/cloud/cloud.ts';
import { APPROVER, REQUESTER } from '../../../local/cloud/people.ts';
import { readRelease } from '../../../setup/read-release.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../../shared/ids.ts';
import { assertStartsOn, findNamed, toFormValues } from '../../approval/form-values.ts';
import { formatMessage, formatStep } from '../../approval/print-steps.ts';
import { runApproval, type Watched } from '../../approval/run-approval.ts';
import { type Io, paint, Unsuccessful, UsageError } from '../../io.ts';
import { DEFAULT_STATE, findRunningCloud } from '../../local-cloud.ts';
import { PLATFORM_TITLES } from '../../platform-titles.ts';

interface Options {
  platform: PlatformName;
  result: 'agree' | 'refuse';
  requester: string;
  approver: string;
  state: string;
  json?: true;
}

export function localApproveCommand(io: Io): Command {
  return new Command('approve')
    .description('Submit an approval to the running embedded cloud and follow it to its end')
    .argument('<workflow>', 'a workflow of workflows.yaml')
    .argument('[parameter=value...]', 'what is filled into the form')
    .addOption(
      new Option('--result <result>', 'what the approver presses').choices(['agree', 'refuse']).default('agree'),
    )
    .addOption(new Option('--platform <platform>', 'where it is submitted').choices(PLATFORM_NAMES).default('dingtalk'))
    .option('--requester <person>', 'who asks', REQUESTER)
    .option('--approver <person>', 'who decides', APPROVER)
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', '\nExample:\n  $ npm run -s loop -- local approve onboarding emp_id=E123 role=devops\n')
    .action((workflow: string, assignments: string[], options: Options) => approve(workflow, assignments, options, io));
}

async function approve(name: string, assignments: string[], options: Options, io: Io): Promise<void> {
  const { workflows } = await readRelease(io.root, ENVIRONMENT);
  const { platform, requester, approver, result } = options;
  const workflow = findNamed(workflows, name);
  assertStartsOn(workflow, name, platform);
  const values = toFormValues(workflow, name, assignments, platform);
  const cloud = await findRunningCloud(resolve(io.root, options.state));
  if (cloud.real_platforms.includes(platform)) {
    throw new UsageError(`${PLATFORM_TITLES[platform]} is the real one here: submit the approval on a phone`);
  }
  for (const person of [requester, approver]) assertPerson(person, cloud[platform].people);
  const say = options.json ? () => {} : (line: string) => io.out(line);
  const watched = await runApproval(
    cloud,
    { platform, workflow: name, values, requester, approver, result },
    {
      onSubmitted: (requestId) => say(`${requestId}: ${requester} asks, ${approver} presses ${result}`),
      onStep: (step) => say(formatStep(step, io)),
      onTrouble: ({ message, fields }) => io.err(`${paint(io).yellow(message)} ${JSON.stringify(fields)}`),
    },
    io.signal,
  );
  if (options.json) io.out(JSON.stringify(watched.outcome));
  else conclude(watched, options, say, io);
  if (!isAsOrdered(watched, options)) throw new Unsuccessful();
}

function assertPerson(person: string, people: readonly string[]): void {
  if (people.includes(person)) return;
  throw new UsageError(`there is no "${person}" in the embedded company; its people are ${people.join(', ')}`);
}

function conclude({ outcome }: Watched, { result }: Options, say: (line: string) => void, io: Io): void {
  if (outcome.message) say(`\n${formatMessage(outcome.message, io)}`);
  else if (result === 'refuse') say('\nThe approval was refused, so nothing runs and nobody is told.');
  else say('\nNo final message has been seen.');
}

/** An agreed approval that ran, or a refused one that did not. */
function isAsOrdered({ outcome, messages }: Watched, { result }: Options): boolean {
  return result === 'refuse' ? messages === 0 : outcome.invocation?.status === 'Success' && messages === 1;
}
