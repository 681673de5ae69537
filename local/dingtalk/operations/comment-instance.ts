import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import { type Operation, parseBody } from '../operation.ts';
import { findUser } from '../organisation.ts';

const MAX_TEXT_LENGTH = 1024;

const AttachmentSchema = z.object({
  spaceId: z.string(),
  fileId: z.string().max(256),
  fileName: z.string().max(256),
  fileType: z.string(),
  fileSize: z.union([z.string(), z.number()]),
});

const BodySchema = z.object({
  processInstanceId: z.string().min(1),
  /** Counted as Java counts, so an emoji is two characters. */
  text: z
    .string()
    .min(1)
    .refine((text) => text.length <= MAX_TEXT_LENGTH),
  commentUserId: z.string().min(1),
  file: z
    .object({ photos: z.array(z.string()).nullish(), attachments: z.array(AttachmentSchema).max(20).nullish() })
    .nullish(),
});

/**
 * https://open.dingtalk.com/document/development/official-approval-adds-approval-comments ; not idempotent. The comment
 * stands under the name of the member, and the detail lists it as an ADD_REMARK; photos and files are not kept.
 */
export const commentInstance: Operation = {
  name: 'processInstances/comment',
  method: 'POST',
  path: '/v1.0/workflow/processInstances/comments',
  pot: 'apiCalls',
  needsToken: true,
  permission: 'Workflow.Instance.Write',
  answer({ approvals, organisation }, request) {
    const { processInstanceId, text, commentUserId } = parseBody(request, BodySchema, {
      processInstanceId: ['invalidInstanceId', '审批实例ID不能为空'],
      text: ['invalidInstanceCommentText', '审批实例评论内容不能为空'],
      commentUserId: ['invalidInstanceCommentUserId', '审批实例评论人userId不能为空'],
      other: ['invalidParameter', '添加审批评论参数错误'],
    });
    if (!findUser(organisation, commentUserId)?.active) throw new NewApiError('userNotExist', '用户不存在');
    const instance = approvals.find(processInstanceId);
    if (!instance) throw new NewApiError('aflowProcessInstNotExist', '审批实例不存在');
    approvals.comment(instance, commentUserId, text);
    return { result: true, success: true };
  },
};
