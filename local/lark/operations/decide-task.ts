import { z } from 'zod';
import { approvalErrors } from '../api-error.ts';
import { type Call, type Operation, parseBody, userIdType, type World } from '../operation.ts';
import { findDefinition, findUser } from '../organisation.ts';
import { HUNDRED_A_MINUTE } from '../rate-limits.ts';

const BodySchema = z.object({
  approval_code: z.string(),
  instance_code: z.string(),
  user_id: z.string(),
  task_id: z.string(),
  comment: z.string().optional(),
});

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/task/approve */
export const approveTask: Operation = {
  name: 'tasks/approve',
  method: 'POST',
  path: 'approval/v4/tasks/approve',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  answer: (world, call) => decide(world, call, true),
};

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/task/reject */
export const rejectTask: Operation = {
  name: 'tasks/reject',
  method: 'POST',
  path: 'approval/v4/tasks/reject',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  answer: (world, call) => decide(world, call, false),
};

/** A task that is decided already is "not found", one of somebody else "no permission". */
function decide({ approvals, organisation }: World, call: Call, approved: boolean) {
  const body = parseBody(call, BodySchema, approvalErrors.parameter);
  if (!findDefinition(organisation, body.approval_code)) throw approvalErrors.noDefinition();
  const instance = approvals.find(body.instance_code);
  if (instance?.approval_code !== body.approval_code) throw approvalErrors.noInstance();
  const user = findUser(organisation, body.user_id, userIdType(call));
  if (!user) throw approvalErrors.noUser();
  const task = instance.tasks.find(({ id }) => id === body.task_id);
  if (task?.status !== 'PENDING') throw approvalErrors.noTask();
  if (task.user_id !== user.user_id) throw approvalErrors.forbidden();
  approvals.decide(instance, task, { approved, comment: body.comment });
  return { data: {} };
}
