import { statfs } from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Holder } from './holder.ts';
import type { InstanceResult, InstanceTask } from './instance.ts';
import { type Launch, type LaunchEnd, launch } from './launch.ts';
import { RUN_TEXT } from './task-script.ts';

/** Where the script file of a run appears inside. It is each run's own and goes with it. */
const SCRIPT_FOLDER = '/run/cloud-assistant';

/** A run is ended when less than this is free where the disks are: a script must not fill the machine's own disk. */
const MIN_FREE_BYTES = 1024 ** 3;
const FREE_SPACE_CHECK_MS = 250;

/** Runs one script inside the instance and waits for its end. */
export async function runTask(holder: Holder, clock: Clock, task: InstanceTask): Promise<InstanceResult> {
  if (!isFileName(task.scriptName)) {
    return { end: 'invalid', errorCode: 'InvalidCommandText', message: `Not a file name: ${task.scriptName}` };
  }
  if (task.signal.aborted) return { end: 'stopped' };
  const started = launch(holder, {
    text: RUN_TEXT,
    args: [task.username ?? 'root', task.workingDir ?? '', `${SCRIPT_FOLDER}/${task.scriptName}`],
    scriptName: task.scriptName,
    input: task.script,
    onOutput: task.onOutput,
  });
  const cut = await killInTime(started, holder, clock, task);
  return cut ?? resultOf(await started.ended, holder, task);
}

/** Waits for the end, or for what comes before it and is a reason to kill: time-out, stop, a full disk. */
async function killInTime(
  started: Launch,
  holder: Holder,
  clock: Clock,
  task: InstanceTask,
): Promise<InstanceResult | undefined> {
  const over = new AbortController();
  const stop = new Promise<InstanceResult>((resolve) => {
    task.signal.addEventListener('abort', () => resolve({ end: 'stopped' }), { once: true, signal: over.signal });
  });
  // Both reject once the run is over, when nobody looks any more; at any other time a failure ends the run too.
  const timeout = clock.sleep(task.timeoutMs, over.signal).then(
    (): InstanceResult => ({ end: 'timeout' }),
    (error) => failed(errorMessage(error)),
  );
  const full = diskFull(holder.directory, clock, over.signal).catch((error) => failed(errorMessage(error)));
  try {
    const cut = await Promise.race([started.ended.then(() => undefined), stop, timeout, full]);
    if (cut) started.kill();
    await started.ended;
    return cut;
  } finally {
    over.abort();
  }
}

/** Resolves when space runs out; rejects when aborted. */
async function diskFull(directory: string, clock: Clock, signal: AbortSignal): Promise<InstanceResult> {
  for (;;) {
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize < MIN_FREE_BYTES) return failed(`Less than ${MIN_FREE_BYTES} bytes are free in ${directory}.`);
    await clock.sleep(FREE_SPACE_CHECK_MS, signal);
  }
}

function resultOf({ exitCode, answer, complaint }: LaunchEnd, holder: Holder, task: InstanceTask): InstanceResult {
  if (holder.isClosed()) return failed('The instance was closed.');
  const user = task.username ?? 'root';
  switch (answer) {
    case 'started':
      return { end: 'exited', exitCode };
    case 'AccountNotExists':
      return { end: 'invalid', errorCode: 'AccountNotExists', message: `No such user on the instance: ${user}` };
    case 'DirectoryNotExists': {
      const message = `No such folder on the instance: ${task.workingDir ?? `the home of ${user}`}`;
      return { end: 'invalid', errorCode: 'DirectoryNotExists', message };
    }
    default:
      return failed(`The script could not be started: ${complaint.trim() || `exit code ${exitCode}`}`);
  }
}

function failed(message: string): InstanceResult {
  return { end: 'error', errorCode: 'ExecutionException', message };
}

function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= 255;
}
