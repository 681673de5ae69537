import { errorMessage } from '../../shared/errors.ts';
import { STOP_REASONS } from './deliver.ts';
import { createOutputBuffer, type OutputBuffer } from './output-buffer.ts';
import type { FileTask, InstanceRun, Invocation } from './records.ts';
import { runScript } from './run-script.ts';
import { sendFile } from './send-file.ts';
import type { RunnerState } from './state.ts';
import { isFinal } from './status.ts';

/** Carries out what was accepted, one task a run on an instance, and can be told to stop. */
export interface Runner {
  startScripts(invocation: Invocation): void;
  startFiles(task: FileTask): void;
  /** Stops the runs that have not ended, and resolves when that wish is on record. */
  stop(invocation: Invocation, runs: InstanceRun[]): Promise<void>;
  /** What a run has written so far, as long as it goes on. */
  outputOf(run: InstanceRun): OutputBuffer | undefined;
  /** Kills what goes on without recording an end: the next start closes it as interrupted. */
  close(): Promise<void>;
}

interface Task {
  controller: AbortController;
  output: OutputBuffer;
  ended: Promise<void>;
}

export function createRunner(state: RunnerState): Runner {
  const tasks = new Map<InstanceRun, Task>();

  const start = (run: InstanceRun, work: (signal: AbortSignal, output: OutputBuffer) => Promise<void>) => {
    const controller = new AbortController();
    const output = createOutputBuffer();
    const ended = work(controller.signal, output)
      .catch((error) => state.log.error('task failed', { instance_id: run.instanceId, error: errorMessage(error) }))
      .finally(() => tasks.delete(run));
    tasks.set(run, { controller, output, ended });
  };
  return {
    startScripts(invocation) {
      for (const run of invocation.runs) {
        start(run, (signal, output) => runScript(state, { invocation, run, signal, output }));
      }
    },
    startFiles(task) {
      for (const run of task.runs) start(run, (signal) => sendFile(state, { task, run, signal }));
    },
    async stop(invocation, runs) {
      const open = runs.filter((run) => !isFinal(run.status) && run.status !== 'Stopping');
      const now = state.clock.now();
      for (const run of open) Object.assign(run, { status: 'Stopping', stopTime: now, updateTime: now });
      for (const run of open) tasks.get(run)?.controller.abort(STOP_REASONS.stop);
      await state.invocations.save(invocation);
    },
    outputOf: (run) => tasks.get(run)?.output,
    async close() {
      for (const { controller } of tasks.values()) controller.abort(STOP_REASONS.close);
      await Promise.all([...tasks.values()].map(({ ended }) => ended));
    },
  };
}
