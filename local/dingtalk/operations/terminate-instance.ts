import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import { type Operation, parseBody } from '../operation.ts';
import { findUser } from '../organisation.ts';

const NOT_WITHIN_MS = 15_000;

const BodySchema = z.object({
  processInstanceId: z.string().min(1),
  isSystem: z.boolean().default(false),
  remark: z.string().max(1024).optional(),
  operatingUserId: z.string().optional(),
});

/** https://open.dingtalk.com/document/development/revoke-an-approval-instance */
export const terminateInstance: Operation = {
  name: 'processInstances/terminate',
  method: 'POST',
  path: '/v1.0/workflow/processInstances/terminate',
  pot: 'apiCalls',
  needsToken: true,
  permission: 'Workflow.Instance.Write',
  answer({ approvals, organisation, clock }, request) {
    const { processInstanceId, isSystem, remark, operatingUserId } = parseBody(request, BodySchema, {
      processInstanceId: ['invalidInstanceId', '审批实例ID不能为空'],
      isSystem: ['invalidInstanceTerminateIsSystem', '撤销审批实例，是否通过系统操作参数不能为空'],
      other: ['invalidParameter', '撤销审批实例参数错误'],
    });
    if (!isSystem && !operatingUserId) {
      const message = '撤销审批实例，当isSystem为false时，操作人的userId不能为空';
      throw new NewApiError('invalidInstanceTerminateOperatingUserId', message);
    }
    if (operatingUserId && !findUser(organisation, operatingUserId))
      throw new NewApiError('userNotExist', '用户不存在');
    const instance = approvals.find(processInstanceId);
    if (!instance) throw new NewApiError('aflowProcessInstNotExist', '审批实例不存在');
    if (instance.status !== 'RUNNING') throw new NewApiError('aflowProcessInstStatusException', '审批单已结束');
    if (clock.now() - instance.createTime < NOT_WITHIN_MS) {
      throw new NewApiError('aflowProcessInstStatusException', '提交审批单后15秒内不能进行撤回');
    }
    if (!isSystem && operatingUserId !== instance.originatorUserId) {
      throw new NewApiError('internalError', '您没有任务处理的权限');
    }
    approvals.terminate(instance, operatingUserId ?? instance.originatorUserId, remark);
    return { result: true, success: true };
  },
};
