import { requestIdOf } from '../../../shared/ids.ts';
import { findFact } from '../../../shared/request/records.ts';
import type { OpsCloud } from '../ops-cloud.ts';

/** A request that was accepted as `like` was, and of whose event nobody has heard; gives its id. */
export async function acceptWithoutEvent(ops: OpsCloud, like: string, instanceId: string): Promise<string> {
  const accepted = findFact((await ops.journal.read(like)).facts, 'accepted');
  if (!accepted) throw new Error(`${like} has no accepted record`);
  const requestId = requestIdOf('dingtalk', instanceId);
  const { request } = accepted;
  const copy = { ...request, request_id: requestId, approval: { ...request.approval, instance_id: instanceId } };
  const now = Date.now();
  await ops.write(requestId, { ...accepted, at: new Date(now).toISOString(), request: copy });
  // Received at a time for which the sweep has no turn, so that nobody else goes on with it.
  const marker = { request_id: requestId, platform: 'dingtalk', instance_id: instanceId, code: 'PROC-1' } as const;
  await ops.markers.put({ ...marker, received_at: now - 3 * 3600_000 - 60_000 });
  return requestId;
}
