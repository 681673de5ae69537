import { encodeContent } from './command-content.ts';
import { isoSeconds } from './format-time.ts';
import type { ContentEncoding } from './input.ts';
import type { InstanceRun } from './records.ts';
import type { State } from './state.ts';

/** What DescribeInvocations and DescribeInvocationResults both say of a run. A run without exit code leaves it out. */
export function runAnswer({ runner }: Pick<State, 'runner'>, run: InstanceRun, encoding: ContentEncoding) {
  const live = runner.outputOf(run)?.read();
  return {
    InstanceId: run.instanceId,
    InvocationStatus: run.status,
    ExitCode: run.exitCode,
    Output: encodeContent(live?.kept ?? Buffer.from(run.output, 'base64'), encoding),
    Dropped: live?.dropped ?? run.dropped,
    ErrorCode: run.errorCode,
    ErrorInfo: run.errorInfo,
    StartTime: isoSeconds(run.startTime),
    StopTime: isoSeconds(run.stopTime),
    Repeats: run.startTime === undefined ? 0 : 1,
  };
}
