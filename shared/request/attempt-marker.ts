import { retryIdOf } from '../ids.ts';
import type { Marker } from '../journal/markers.ts';
import { approvalBehind } from './approval-behind.ts';

/** The open marker of another attempt of a request: it is accepted anew, from the approval as it is by then. */
export function attemptMarker(
  requestId: string,
  number: number,
  approval: { instance_id?: string | undefined; code: string },
  retry: NonNullable<Marker['retry']>,
  now: number,
): Marker | undefined {
  const behind = approvalBehind(requestId, approval.instance_id);
  return (
    behind && { ...behind, request_id: retryIdOf(requestId, number), code: approval.code, received_at: now, retry }
  );
}
