import { approvalErrors } from '../api-error.ts';
import type { InstanceComment } from '../instance.ts';
import { type Operation, pageOf, userIdType } from '../operation.ts';
import { findUser, type Organisation, type UserIdType } from '../organisation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';
import { subjectOf } from './comments.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance-comment/list ; deleted ones stay. */
export const listComments: Operation = {
  name: 'comments/list',
  method: 'GET',
  path: 'approval/v4/instances/:instance_id/comments',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer(world, call) {
    const { comments } = subjectOf(world, call).instance;
    const type = userIdType(call) ?? 'open_id';
    const paged = pageOf(
      comments.filter(({ parent_id }) => parent_id === undefined),
      call,
      { default: 10, max: 1000 },
    );
    if (!paged) throw approvalErrors.parameter('page_size or page_token');
    const show = (comment: InstanceComment) => commentOf(comment, world.organisation, type);
    const page = paged.page.map((comment) => ({
      ...show(comment),
      replies: comments.filter(({ parent_id }) => parent_id === comment.id).map(show),
    }));
    return { data: { comments: page, ...(paged.rest.has_more ? { page_token: paged.rest.page_token } : {}) } };
  },
};

function commentOf(comment: InstanceComment, organisation: Organisation, type: UserIdType) {
  const { id, content, create_time, update_time, is_delete, at_info_list, user_id, extra } = comment;
  return {
    id,
    content,
    create_time: String(create_time),
    update_time: String(update_time),
    is_delete: is_delete ? 1 : 0,
    at_info_list,
    commentator: findUser(organisation, user_id)?.[type] ?? '',
    extra,
  };
}
