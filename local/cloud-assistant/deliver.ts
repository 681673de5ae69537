import type { InstanceRun } from './records.ts';
import type { RunnerState } from './state.ts';

/** "Delivery within one minute", see the status Aborted of DescribeInvocations. */
const MAX_DELIVERY_MS = 60_000;

/** Why a task's signal was aborted. */
export const STOP_REASONS = { stop: 'StopInvocation', close: 'close' } as const;

export type RunEnd = Pick<InstanceRun, 'status' | 'errorCode' | 'errorInfo'> & Partial<Pick<InstanceRun, 'exitCode'>>;

/** Waits until the agent takes a task; an end instead means that it never will. */
export async function deliver(
  { agents }: RunnerState,
  instanceId: string,
  signal: AbortSignal,
): Promise<RunEnd | undefined> {
  await agents.waitOnline(instanceId, MAX_DELIVERY_MS, signal);
  if (signal.aborted) return { status: 'Cancelled', errorCode: '', errorInfo: '' };
  if (agents.isOnline(instanceId)) return undefined;
  return { status: 'Aborted', errorCode: 'ClientNotOnline', errorInfo: 'the agent of the instance is not online.' };
}
