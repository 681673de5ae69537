import { parseRequestId, retryIdOf } from '../ids.ts';
import type { Marker } from '../journal/markers.ts';
import { offlineWaitMs } from '../workflows/lookups.ts';
import type { Workflows } from '../workflows/schema.ts';
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

/** The open marker of the attempt that runs on them. */
export function laterMarker(requestId: string, facts: readonly Fact[], now: number): Marker | undefined {
  const request = findFact(facts, 'accepted')?.request;
  if (!request) return undefined;
  return {
    request_id: retryIdOf(requestId, 1),
    platform: request.platform,
    instance_id: request.approval.instance_id,
    code: request.approval.code,
    received_at: now,
    retry: { of: requestId, by: LATER, reason: 'offline', failed_only: true },
  };
}
