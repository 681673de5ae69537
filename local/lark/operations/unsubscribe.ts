import { approvalErrors } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { findDefinition } from '../organisation.ts';
import { HUNDRED_A_MINUTE } from '../rate-limits.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/approval/unsubscribe ; twice is 1390007 too. */
export const unsubscribe: Operation = {
  name: 'approvals/unsubscribe',
  method: 'POST',
  path: 'approval/v4/approvals/:approval_code/unsubscribe',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  answer({ organisation, subscribed }, { path }) {
    const approval_code = path.approval_code ?? '';
    if (!findDefinition(organisation, approval_code)) throw approvalErrors.noDefinition();
    if (!subscribed.get(approval_code)) throw approvalErrors.subscribed();
    subscribed.delete(approval_code);
    return { data: {} };
  },
};
