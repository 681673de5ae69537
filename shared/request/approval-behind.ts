import { parseRequestId } from '../ids.ts';
import type { Marker } from '../journal/markers.ts';

/** What the open marker of another attempt says of the approval: the record of a reversal names the one that asked for it. */
export function approvalBehind(
  requestId: string,
  approvalInstanceId: string | undefined,
): Pick<Marker, 'platform' | 'instance_id' | 'revocation'> | undefined {
  const parts = parseRequestId(requestId);
  if (!parts) return undefined;
  const { platform, instanceId, revoke } = parts;
  const asked = revoke && approvalInstanceId !== instanceId ? approvalInstanceId : undefined;
  return { platform, instance_id: instanceId, ...(asked !== undefined && { revocation: asked }) };
}
