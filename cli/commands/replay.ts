import { Command, Option } from 'commander';
import { createSystemClock } from '../../shared/clock.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { foreign, printJson } from '../inspect/terminal.ts';
import { type Io, Unsuccessful, UsageError } from '../io.ts';
import { DEFAULT_STATE } from '../local-cloud.ts';
import { explainRefusal } from '../replay/explain-refusal.ts';
import type { InvocationOutcome } from '../replay/invocation.ts';
import { openPlace, type Place } from '../replay/open-place.ts';
import { planReplay } from '../replay/plan-replay.ts';
import { readEvent } from '../replay/read-event.ts';

interface Options {
  function?: FunctionName;
  event?: string;
  async?: true;
  taskId?: string;
  env?: string;
  state: string;
  json?: true;
}

export function replayCommand(io: Io): Command {
  return new Command('replay')
    .description('Invoke the function whose turn a request is, or a function with an event of yours')
    .argument('[request]', 'request id')
    .addOption(
      new Option('--function <name>', 'the function to invoke with --event').choices(['ingest', 'dispatch', 'notify']),
    )
    .option('--event <file>', 'what it gets, byte for byte; - is stdin')
    .option('--async', 'do not wait for its end')
    .option('--task-id <id>', 'with --async: a name of which there is one task, so that a second call is refused')
    .option('--env <name>', 'an environment of env.yaml, with the key of this shell (see setup --help)')
    .option('--state <dir>', 'folder of the running embedded cloud, without --env', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A request is replayed by an event that only says "look at it": the journal decides what happens, so that nothing runs
twice. With FC_SERVICE in this shell the functions are those of that service of Function Compute 2.0. --task-id needs
async.tasks of the environment in env.yaml ("asyncTask: true" in the function's asyncInvokeConfig).

Exit code 0 if the function ended well or was started, or if nothing is left to do; 1 if it failed, which the platform
answers with HTTP 200 too.

Examples:
  $ npm run -s loop -- replay dingtalk.A1b2C3 --env prod
  $ npm run -s loop -- replay --function dispatch --event event.json --async
`,
    )
    .action((request: string | undefined, options: Options) => replay(request, options, io));
}

async function replay(request: string | undefined, options: Options, io: Io): Promise<void> {
  checkOptions(request, options);
  const place = await openPlace(io, options);
  const call = await callOf(request, options, place, io);
  if (!call)
    return say(io, options, { status: 'nothing to do' }, `${request}: it has ended, and nothing is left to do`);
  const { functionName, event, step } = call;
  const { taskId } = options;
  const name = place.names.function(functionName);
  const wish = { functionName: name, event, wait: !options.async, ...(taskId === undefined ? {} : { taskId }) };
  const outcome = await place.invoker.invoke(wish).catch((error: unknown) => {
    throw explainRefusal(name, error);
  });
  const what = step === undefined ? functionName : `${functionName} (${step})`;
  say(io, options, { function: functionName, ...(step && { step }), ...outcome }, ...describe(what, outcome));
  if (outcome.status === 'failed') throw new Unsuccessful();
}

function checkOptions(request: string | undefined, { function: name, event, async, taskId }: Options): void {
  if ((request === undefined) === (name === undefined))
    throw new UsageError('give either a request id, or --function with --event');
  if ((name === undefined) !== (event === undefined))
    throw new UsageError('--function and --event go together: the function, and what it gets');
  if (taskId !== undefined && !async) throw new UsageError('--task-id is for --async; add it');
  if (taskId !== undefined && !/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(taskId))
    throw new UsageError('--task-id is 1 to 128 of A-Z, a-z, 0-9, _ and -, not beginning with a digit or -');
}

async function callOf(
  request: string | undefined,
  { function: functionName, event, async }: Options,
  place: Place,
  io: Io,
): Promise<{ functionName: FunctionName; event: Buffer; step?: string } | undefined> {
  if (functionName !== undefined && event !== undefined)
    return { functionName, event: await readEvent(event, io, { async: async === true }) };
  const plan = await planReplay(request ?? '', place, createSystemClock().now());
  if (plan.kind === 'nothing to do') return undefined;
  return { ...plan, event: Buffer.from(JSON.stringify(plan.event)) };
}

function describe(what: string, outcome: InvocationOutcome): string[] {
  const { status, request_id, task_id, error_type = '', result = '', log_tail = '' } = outcome;
  if (status === 'accepted') return [`${what} was started${task_id === undefined ? '' : ` as task ${task_id}`}`];
  const lines = log_tail.split('\n').filter((line) => line.trim() !== '');
  const end = status === 'failed' ? `${what} failed: ${error_type}` : `${what} ended well`;
  return [...lines.map((line) => foreign(line, 4096)), `${end} (invocation ${request_id})`, foreign(result, 4096)];
}

function say(io: Io, { json }: Options, object: object, ...lines: string[]): void {
  if (json) printJson(io, object);
  else for (const line of lines) if (line !== '') io.out(line);
}
