/** Statuses of a run on one instance. `Scheduled` is left out: nothing is scheduled here. */
export const RUN_STATUSES = [
  'Pending',
  'Running',
  'Stopping',
  'Success',
  'Failed',
  'Error',
  'Timeout',
  'Cancelled',
  'Terminated',
  'Invalid',
  'Aborted',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export type InvocationStatus = 'Pending' | 'Running' | 'Stopping' | 'Stopped' | 'Success' | 'Failed' | 'PartialFailed';
export type LegacyStatus = 'Running' | 'Stopping' | 'Stopped' | 'Finished' | 'Failed' | 'PartialFailed';

const OPEN = ['Pending', 'Running', 'Stopping'] as const;

const LEGACY: Record<RunStatus, LegacyStatus> = {
  Pending: 'Running',
  Running: 'Running',
  Stopping: 'Stopping',
  Success: 'Finished',
  // The run ended by itself; that its exit code is not zero is no failure of the old model.
  Failed: 'Finished',
  Error: 'Failed',
  Timeout: 'Failed',
  Cancelled: 'Stopped',
  Terminated: 'Stopped',
  Invalid: 'Failed',
  Aborted: 'Failed',
};

export function isFinal(status: RunStatus): boolean {
  return !OPEN.some((open) => open === status);
}

/** InvokeRecordStatus and InstanceInvokeStatus. */
export function legacyStatus(status: RunStatus): LegacyStatus {
  return LEGACY[status];
}

/** Invocation.InvocationStatus. Source: https://www.alibabacloud.com/help/en/ecs/api-describeinvocations */
export function aggregateStatus(statuses: readonly RunStatus[]): InvocationStatus {
  const open = OPEN.find((status) => statuses.includes(status));
  if (open) return open;
  const succeeded = statuses.includes('Success');
  const failed = statuses.some((status) => !['Success', 'Cancelled', 'Terminated'].includes(status));
  if (succeeded && failed) return 'PartialFailed';
  return succeeded ? 'Success' : failed ? 'Failed' : 'Stopped';
}

/** Invocation.InvokeStatus, the older model. */
export function aggregateLegacyStatus(statuses: readonly RunStatus[]): LegacyStatus {
  const legacy = new Set(statuses.map(legacyStatus));
  for (const open of ['Running', 'Stopping'] as const) if (legacy.has(open)) return open;
  const [only, ...others] = legacy;
  if (only && others.length === 0) return only;
  return legacy.has('Failed') ? 'PartialFailed' : 'Finished';
}
