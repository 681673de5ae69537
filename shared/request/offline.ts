import { parseRequestId } from '../ids.ts';
import type { Marker } from '../journal/markers.ts';
import { offlineWaitMs } from '../workflows/lookups.ts';
import type { Workflows } from '../workflows/schema.ts';
import { attemptMarker } from './attempt-marker.ts';
import { type Fact, findFact, type InstanceResult } from './records.ts';

/** Who asks for the attempt on instances that were offline. */
export const LATER = 'approval-loop';

/**
 * Ends of an instance that say that its agent could not be reached: nothing has happened there.
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-the-execution-results-and-fix-common-issues
 */
const OFFLINE_CODES = [
  'InstanceNotRunning',
  'ClientNotRunning',
  'ClientNotResponse',
  'ClientNotOnline',
  'ClientNetworkBlocked',
  'DeliveryTimeout',
];

function isOffline({ status, error_code }: InstanceResult): boolean {
  return status === 'Aborted' && OFFLINE_CODES.includes(error_code);
}

/** The instances that wait for their agent after this run; only a first attempt leaves any. */
export function waitingInstances(requestId: string, facts: readonly Fact[], { workflows }: Workflows): string[] {
  const request = findFact(facts, 'accepted')?.request;
  const workflow = request && workflows[request.workflow];
  if (!workflow || offlineWaitMs(workflow) === 0 || parseRequestId(requestId)?.attempt !== 0) return [];
  const offline = findFact(facts, 'completed')?.instances.filter(isOffline) ?? [];
  return offline.map(({ instance_id }) => instance_id);
}

/** The open marker of the attempt that runs on them; undefined where there are none. */
export function laterMarker(
  requestId: string,
  facts: readonly Fact[],
  workflows: Workflows,
  now: number,
): Marker | undefined {
  const approval = findFact(facts, 'accepted')?.request.approval;
  const instances = waitingInstances(requestId, facts, workflows);
  if (!approval || instances.length === 0) return undefined;
  const retry = { of: requestId, by: LATER, reason: 'offline', failed_only: false, instances };
  return attemptMarker(requestId, 1, approval, retry, now);
}
