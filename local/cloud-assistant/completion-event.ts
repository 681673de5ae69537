import { isoSeconds, isoShanghai } from './format-time.ts';
import type { InstanceRun, Invocation } from './records.ts';
import type { RunnerState, TaskEvent } from './state.ts';

/**
 * `ecs:CloudAssistant:TaskCompleted`, one for each instance's end. Every field is a text; an exit code that does not
 * exist is empty. Source: https://www.alibabacloud.com/help/en/ecs/user-guide/subscribe-to-cloud-assistant-events
 */
export function completionEvent(
  { region, accountId, clock }: Pick<RunnerState, 'region' | 'accountId' | 'clock'>,
  invocation: Invocation,
  run: InstanceRun,
): TaskEvent {
  return {
    type: 'ecs:CloudAssistant:TaskCompleted',
    // The last part is an undocumented number; the sample's names neither instance nor invocation.
    subject: `acs.ecs:${region}:${accountId}:${run.creationTime}`,
    time: isoShanghai(clock.now()),
    data: {
      commandId: invocation.commandId,
      commandName: invocation.commandName,
      errorCode: run.status === 'Success' ? '0' : run.errorCode,
      errorDesc: run.errorInfo,
      exitCode: run.exitCode === undefined ? '' : String(run.exitCode),
      finishTime: isoSeconds(run.finishTime),
      instanceId: run.instanceId,
      invocationStatus: run.status,
      invokeId: invocation.invokeId,
      ownerId: accountId,
      playerUid: accountId,
      repeatMode: 'Once',
      repeats: run.startTime === undefined ? '0' : '1',
      startTime: isoSeconds(run.startTime),
    },
  };
}
