import { z } from 'zod';
import { approvalErrors } from '../api-error.ts';
import { type Operation, parseBody, userIdType } from '../operation.ts';
import { findDefinition, findUser } from '../organisation.ts';
import { HUNDRED_A_MINUTE } from '../rate-limits.ts';

const BodySchema = z.object({ approval_code: z.string(), instance_code: z.string(), user_id: z.string() });

/**
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/cancel
 * Withdraws what is pending; what was approved is revoked, if its definition allows it.
 */
export const cancelInstance: Operation = {
  name: 'instances/cancel',
  method: 'POST',
  path: 'approval/v4/instances/cancel',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  answer({ approvals, organisation }, call) {
    const { approval_code, instance_code, user_id } = parseBody(call, BodySchema, approvalErrors.parameter);
    const definition = findDefinition(organisation, approval_code);
    if (!definition) throw approvalErrors.noDefinition();
    const instance = approvals.find(instance_code);
    if (instance?.approval_code !== approval_code) throw approvalErrors.noInstance();
    const user = findUser(organisation, user_id, userIdType(call));
    if (!user) throw approvalErrors.noUser();
    if (user.user_id !== instance.user_id) throw approvalErrors.forbidden();
    if (instance.status === 'PENDING') approvals.cancel(instance);
    else if (instance.status === 'APPROVED' && definition.revocable) approvals.revert(instance);
    else throw approvalErrors.forbidden();
    return { data: {} };
  },
};
