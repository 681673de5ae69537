import type { Approval } from '../../shared/platforms/platform.ts';
import type { Refusal } from '../../shared/request/records.ts';
import type { Workflow } from '../../shared/workflows/schema.ts';

/** Why this approval may not run, or undefined if it may. */
export function checkGuards(workflow: Workflow, approval: Approval): Refusal | undefined {
  if (approval.state === 'revoked') return { code: 'revoked_before', values: {} };
  if (approval.state !== 'approved') return { code: 'not_approved', values: {} };
  if (approval.kind !== 'original') return { code: 'not_original', values: {} };
  return checkApprovers(workflow, approval);
}

/** Why this revocation undoes nothing, or undefined if it was granted as any approval must be. */
export function checkRevocation(workflow: Workflow, approval: Approval): Refusal | undefined {
  if (approval.state !== 'approved') return { code: 'not_approved', values: {} };
  return checkApprovers(workflow, approval);
}

/** Whether enough people agreed. */
function checkApprovers(workflow: Workflow, approval: Approval): Refusal | undefined {
  const count = countingApprovers(workflow, approval).length;
  const { min } = workflow.approvers;
  if (count < min) return { code: 'no_approver', values: { count: String(count), min: String(min) } };
  return undefined;
}

/** People who pressed "agree", are not the requester, and are on the workflow's list if it has one. */
function countingApprovers({ approvers: { from } }: Workflow, { approvers, requester }: Approval) {
  return approvers.filter(({ id }) => id !== requester.id && (from === 'any' || from.includes(id)));
}
