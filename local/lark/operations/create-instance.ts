import { z } from 'zod';
import { approvalErrors, LarkError } from '../api-error.ts';
import { type Operation, parseBody } from '../operation.ts';
import { type App, findByOpenId, findUser, type Organisation, type User } from '../organisation.ts';
import { HUNDRED_A_MINUTE } from '../rate-limits.ts';
import { startInstance } from '../start-instance.ts';

const Chosen = z.array(z.object({ key: z.string(), value: z.array(z.string()) })).default([]);
const BodySchema = z.object({
  approval_code: z.string().min(1),
  user_id: z.string().optional(),
  open_id: z.string().optional(),
  department_id: z.string().optional(),
  form: z.string(),
  node_approver_user_id_list: Chosen,
  node_approver_open_id_list: Chosen,
  uuid: z.string().min(1).max(64).optional(),
});

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/create */
export const createInstance: Operation = {
  name: 'instances/create',
  method: 'POST',
  path: 'approval/v4/instances',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  scopes: ['approval:approval', 'approval:instance'],
  answer(world, call) {
    const body = parseBody(call, BodySchema, approvalErrors.parameter);
    const { organisation } = world;
    const user = body.user_id ? findUser(organisation, body.user_id) : byOpenId(organisation, call.app, body.open_id);
    if (!user) throw approvalErrors.noUser();
    const chosen = body.node_approver_open_id_list.map(({ key, value }) => ({
      key,
      value: value.map((openId) => findUser(organisation, openId, 'open_id')?.user_id ?? openId),
    }));
    const instance = startInstance(world, {
      approvalCode: body.approval_code,
      userId: user.user_id,
      departmentId: body.department_id,
      form: body.form,
      chosen: [...body.node_approver_user_id_list, ...chosen],
      uuid: body.uuid,
      byApi: true,
    });
    return { data: { instance_code: instance.instance_code } };
  },
};

/** The open id of another app has a code of its own. */
function byOpenId(organisation: Organisation, app: App, openId = ''): User | undefined {
  const user = findByOpenId(organisation, app, openId);
  const apps = [organisation.app, ...organisation.otherApps];
  if (!user && apps.some((other) => findByOpenId(organisation, other, openId)))
    throw new LarkError(99992361, 'open_id cross app');
  return user;
}
