import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import type { Instance, InstanceTask } from '../instance.ts';
import { type Operation, parseBody, type World } from '../operation.ts';
import { findUser } from '../organisation.ts';

const BodySchema = z.object({
  processInstanceId: z.string().min(1),
  actionerUserId: z.string().min(1),
  /** A long; clients that cannot hold one write it as text. */
  taskId: z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]),
  result: z.enum(['agree', 'refuse']),
  remark: z.string().max(1024).nullish(),
});

/** https://open.dingtalk.com/document/development/approve-or-reject-the-approval-task */
export const executeTask: Operation = {
  name: 'processInstances/execute',
  method: 'POST',
  path: '/v1.0/workflow/processInstances/execute',
  pot: 'apiCalls',
  needsToken: true,
  permission: 'Workflow.Instance.Write',
  answer(world, request) {
    const { result, remark, ...body } = parseBody(request, BodySchema, {
      processInstanceId: ['invalidInstanceId', '审批实例ID不能为空'],
      actionerUserId: ['invalidInstanceExecuteActionerUserId', '同意拒绝审批任务，操作人的userId不能为空'],
      taskId: ['invalidInstanceExecuteTaskId', '同意拒绝审批任务，任务节点id不能为空'],
      result: ['invalidInstanceExecuteResult', '同意拒绝审批任务，审批操作取值必填 且值必须为agree/refuse'],
      other: ['invalidParameter', '同意或拒绝审批任务参数错误'],
    });
    const { instance, task } = executableTask(world, body);
    world.approvals.decide(instance, task, { result, ...(remark ? { remark } : {}) });
    return { result: result === 'agree', success: true };
  },
};

function executableTask(
  { approvals, organisation }: World,
  body: { processInstanceId: string; actionerUserId: string; taskId: number },
): { instance: Instance; task: InstanceTask } {
  if (!findUser(organisation, body.actionerUserId)) throw new NewApiError('userNotExist', '用户不存在');
  const instance = approvals.find(body.processInstanceId);
  if (!instance) throw new NewApiError('aflowProcessNotExist', '审批流不存在');
  if (instance.status !== 'RUNNING') throw new NewApiError('aflowProcessInstStatusException', '审批单状态异常');
  const task = instance.tasks.find(({ taskId }) => taskId === body.taskId);
  if (task?.status !== 'RUNNING') {
    throw new NewApiError('aflowProcessInstCanNotBeExecuted', '审批状态异常，无法执行');
  }
  if (task.userId !== body.actionerUserId) throw new NewApiError('needAuth', '没有同意拒绝审批的权限');
  return { instance, task };
}
