import { errorMessage } from '../../shared/errors.ts';
import type { Instance, InstanceResult, InstanceTask } from '../instance/instance.ts';
import { fillBuiltIns, fillParameters } from './command-parameters.ts';
import { completionEvent } from './completion-event.ts';
import { deliver, type RunEnd, STOP_REASONS } from './deliver.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { InstanceRun, Invocation } from './records.ts';
import type { RunnerState } from './state.ts';

export interface ScriptTask {
  invocation: Invocation;
  run: InstanceRun;
  signal: AbortSignal;
  output: OutputBuffer;
}

/** One run on one instance, from delivery to its record and its event. */
export async function runScript(state: RunnerState, task: ScriptTask): Promise<void> {
  const { invocation, run, signal, output } = task;
  const instance = state.instances.get(run.instanceId);
  if (!instance) throw new Error(`instance ${run.instanceId} is gone`);
  const end = (await deliver(state, run.instanceId, signal)) ?? (await execute(state, instance, task));
  if (signal.reason === STOP_REASONS.close) return;
  const finishTime = state.clock.now();
  const { kept, dropped } = output.read();
  Object.assign(run, end, { finishTime, updateTime: finishTime, output: kept.toString('base64'), dropped });
  // Written as the documents say, whatever the killing took.
  if (end.status === 'Timeout') run.finishTime = (run.startTime ?? finishTime) + invocation.timeout * 1000;
  if (end.status === 'Invalid') run.startTime = undefined;
  await state.invocations.save(invocation);
  // A run that ended in Error sends no event, as documented for ecs:CloudAssistant:TaskCompleted.
  if (end.status === 'Error') return;
  state.publish(completionEvent(state, invocation, run));
  state.log.info('completion event', { ...logFields(task), status: run.status });
}

async function execute(state: RunnerState, instance: Instance, task: ScriptTask): Promise<RunEnd> {
  const { invocation, run, signal } = task;
  const script = finishedScript(state, invocation, run.instanceId);
  if (typeof script === 'string') return { status: 'Invalid', errorCode: script, errorInfo: REFERENCE_ERRORS[script] };
  const startTime = state.clock.now();
  Object.assign(run, { status: 'Running', startTime, updateTime: startTime });
  // On disk before anything happens: a crash after this line never leads to a second run.
  await state.invocations.save(invocation);
  if (signal.aborted) return runEnd({ end: 'stopped' });
  state.log.info('script started', logFields(task));
  const failed = (error: unknown): InstanceResult => {
    return { end: 'error', errorCode: 'ExecutionException', message: errorMessage(error) };
  };
  return runEnd(await instance.run(instanceTask(state, task, script)).catch(failed));
}

function instanceTask(state: RunnerState, task: ScriptTask, script: Buffer): InstanceTask {
  const { invocation, signal, output } = task;
  let hasOutput = false;
  return {
    scriptName: scriptName(invocation),
    script,
    timeoutMs: invocation.timeout * 1000,
    terminationMode: invocation.terminationMode,
    signal,
    onOutput(chunk) {
      output.add(chunk);
      if (!hasOutput) state.log.info('script output', { ...logFields(task), bytes: chunk.length });
      hasOutput = true;
    },
    ...(invocation.username && { username: invocation.username }),
    ...(invocation.workingDir && { workingDir: invocation.workingDir }),
  };
}

const REFERENCE_ERRORS = {
  InvalidSystemBuiltInParameter: 'the command uses a built-in parameter that does not exist.',
  QueryParameterStoreFailed: 'the parameter store could not be queried.',
};

function finishedScript(state: RunnerState, invocation: Invocation, instanceId: string) {
  const content = Buffer.from(invocation.content, 'base64');
  if (!invocation.enableParameter) return content;
  return fillBuiltIns(fillParameters(content, invocation.parameters), {
    RegionId: state.region,
    AccountId: state.accountId,
    InstanceId: instanceId,
    InstanceName: state.detailsOf(instanceId).name,
    InvokeId: invocation.invokeId,
    CommandId: invocation.commandId,
  });
}

/** The agent starts `sh -c <path>` with the path unquoted, so a name that a shell would not take as one word is left out. */
function scriptName({ commandName, invokeId }: Invocation): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(commandName) ? `${commandName}-${invokeId}.sh` : `${invokeId}.sh`;
}

function runEnd(result: InstanceResult): RunEnd {
  switch (result.end) {
    case 'exited': {
      const { exitCode } = result;
      if (exitCode === 0) return { status: 'Success', exitCode, errorCode: '', errorInfo: '' };
      const errorInfo = 'the command execution exit code is not zero.';
      return { status: 'Failed', exitCode, errorCode: 'ExitCodeNonzero', errorInfo };
    }
    case 'timeout': {
      const errorInfo = 'the command execution has been timeout.';
      return { status: 'Timeout', exitCode: 1, errorCode: 'ExecutionTimeout', errorInfo };
    }
    case 'stopped':
      return { status: 'Terminated', exitCode: -1, errorCode: '', errorInfo: '' };
    case 'invalid':
      return { status: 'Invalid', errorCode: result.errorCode, errorInfo: result.message };
    case 'error':
      return { status: 'Error', errorCode: result.errorCode, errorInfo: result.message };
    default:
      return result satisfies never;
  }
}

function logFields({ invocation, run }: ScriptTask) {
  return { invoke_id: invocation.invokeId, instance_id: run.instanceId };
}
