import type { Approval, ApprovalReader } from '../../shared/platforms/platform.ts';

/**
 * Whether the platform says that it is revoked, or a granted revocation is attached to it: its own callback may have
 * been lost, or come first.
 */
export async function isRevoked(
  source: ApprovalReader,
  { state, attached }: Approval,
  code: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (state === 'revoked') return true;
  for (const instance_id of attached.slice(-5)) {
    const read = await source.readApproval({ instance_id, code }, signal);
    if (read.kind === 'approval' && read.approval.kind === 'revocation' && read.approval.state === 'approved')
      return true;
  }
  return false;
}
