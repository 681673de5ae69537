import { posix } from 'node:path';
import { errorMessage } from '../../shared/errors.ts';
import type { SendFileResult } from '../instance/instance.ts';
import { deliver, type RunEnd, STOP_REASONS } from './deliver.ts';
import type { FileTask, InstanceRun } from './records.ts';
import type { RunnerState } from './state.ts';

/** One file to one instance. It ends without an event: only scripts have them. */
export async function sendFile(
  state: RunnerState,
  { task, run, signal }: { task: FileTask; run: InstanceRun; signal: AbortSignal },
): Promise<void> {
  const end = (await deliver(state, run.instanceId, signal)) ?? (await put(state, task, run));
  if (signal.reason === STOP_REASONS.close) return;
  const finishTime = state.clock.now();
  Object.assign(run, end, { finishTime, updateTime: finishTime });
  await state.fileTasks.save(task);
}

async function put(state: RunnerState, task: FileTask, run: InstanceRun): Promise<RunEnd> {
  const startTime = state.clock.now();
  Object.assign(run, { status: 'Running', startTime, updateTime: startTime });
  await state.fileTasks.save(task);
  const instance = state.instances.get(run.instanceId);
  const file = {
    path: posix.join(task.targetDir, task.name),
    content: Buffer.from(task.content, task.contentType === 'Base64' ? 'base64' : 'utf8'),
    mode: task.fileMode,
    owner: task.fileOwner,
    group: task.fileGroup,
    overwrite: task.overwrite,
  };
  const failed = (error: unknown): SendFileResult => {
    return { end: 'failed', errorCode: 'FileCreateFail', message: errorMessage(error) };
  };
  const result = await instance?.sendFile(file).catch(failed);
  if (result?.end === 'sent') return { status: 'Success', errorCode: '', errorInfo: '' };
  return { status: 'Failed', errorCode: result?.errorCode ?? 'FileCreateFail', errorInfo: result?.message ?? '' };
}
