import { LarkError } from '../api-error.ts';
import { type Operation, userIdType } from '../operation.ts';
import { findUser, openDepartmentId } from '../organisation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/contact-v3/user/get */
export const getUser: Operation = {
  name: 'users/get',
  method: 'GET',
  path: 'contact/v3/users/:user_id',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ organisation }, call) {
    const type = userIdType(call);
    if (!type) throw new LarkError(40001, 'invalid parameter');
    const found = findUser(organisation, call.path.user_id ?? '', type);
    if (!found) throw new LarkError(41012, 'user id invalid error');
    const { user_id, leader_user_id, department_ids, ...user } = found;
    const own = call.request.query.get('department_id_type') === 'department_id';
    return {
      data: {
        user: {
          ...user,
          ...(call.app.employeeIdScope ? { user_id } : {}),
          ...(leader_user_id ? { leader_user_id: findUser(organisation, leader_user_id)?.[type] ?? '' } : {}),
          status: { is_frozen: false, is_resigned: false, is_activated: true, is_exited: false, is_unjoin: false },
          department_ids: own ? department_ids : department_ids.map((id) => openDepartmentId(organisation, id)),
        },
      },
    };
  },
};
