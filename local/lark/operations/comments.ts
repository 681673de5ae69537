import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import { approvalErrors } from '../api-error.ts';
import { CommentContentSchema } from '../comment-content.ts';
import { digitId } from '../ids.ts';
import type { Instance, InstanceComment } from '../instance.ts';
import { type Call, type Operation, parseBody, userIdType, type World } from '../operation.ts';
import { findUser, type User } from '../organisation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

const PATH = 'approval/v4/instances/:instance_id/comments';

const BodySchema = z.object({
  content: z.string().refine((text) => parseJson(CommentContentSchema, text) !== undefined, 'content is no JSON text'),
  at_info_list: z.array(z.object({ user_id: z.string(), name: z.string(), offset: z.string() })).default([]),
  parent_comment_id: z.string().optional(),
  comment_id: z.string().optional(),
  extra: z.string().default(''),
});

/**
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance-comment/create
 * With `comment_id` it edits; without one every call makes a new comment.
 */
export const createComment: Operation = {
  name: 'comments/create',
  method: 'POST',
  path: PATH,
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer(world, call) {
    const { instance, user } = subjectOf(world, call);
    const { comment_id, parent_comment_id, ...body } = parseBody(call, BodySchema, approvalErrors.parameter);
    const now = world.clock.now();
    const before = comment_id ? ownComment(instance, comment_id, user) : undefined;
    if (parent_comment_id) commentOf(instance, parent_comment_id);
    const comment: InstanceComment = {
      ...(parent_comment_id ? { parent_id: parent_comment_id } : {}),
      id: digitId(world.randomBytes),
      user_id: user.user_id,
      create_time: now,
      is_delete: false,
      ...before,
      ...body,
      update_time: now,
    };
    world.approvals.putComment(instance, comment);
    return { data: { comment_id: comment.id } };
  },
};

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance-comment/delete */
export const deleteComment: Operation = {
  name: 'comments/delete',
  method: 'DELETE',
  path: `${PATH}/:comment_id`,
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer(world, call) {
    const { instance, user } = subjectOf(world, call);
    const comment = ownComment(instance, call.path.comment_id ?? '', user);
    world.approvals.putComment(instance, { ...comment, is_delete: true, update_time: world.clock.now() });
    return { data: { comment_id: comment.id } };
  },
};

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance-comment/remove */
export const removeComments: Operation = {
  name: 'comments/remove',
  method: 'POST',
  path: `${PATH}/remove`,
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ approvals }, { path }) {
    const instance = approvals.find(path.instance_id ?? '');
    if (!instance) throw approvalErrors.noInstance();
    approvals.clearComments(instance);
    return { data: { instance_id: instance.instance_code, external_id: '' } };
  },
};

/** Who comments on what; both must exist. */
export function subjectOf({ approvals, organisation }: World, call: Call): { instance: Instance; user: User } {
  const instance = approvals.find(call.path.instance_id ?? '');
  if (!instance) throw approvalErrors.noInstance();
  const user = findUser(organisation, call.request.query.get('user_id') ?? '', userIdType(call));
  if (!user) throw approvalErrors.parameter('user_id');
  return { instance, user };
}

function commentOf({ comments }: Instance, id: string): InstanceComment {
  const comment = comments.find((candidate) => candidate.id === id && !candidate.is_delete);
  if (!comment) throw approvalErrors.parameter('comment_id');
  return comment;
}

function ownComment(instance: Instance, id: string, user: User): InstanceComment {
  const comment = commentOf(instance, id);
  if (comment.user_id !== user.user_id) throw approvalErrors.parameter('user_id');
  return comment;
}
