import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import type { InstanceStart } from '../approvals.ts';
import { readForm } from '../form/read-form.ts';
import type { FormValue } from '../instance.ts';
import { type Operation, parseBody, type World } from '../operation.ts';
import {
  ApprovalStepSchema,
  departmentName,
  findTemplate,
  findUser,
  ROOT_DEPARTMENT_ID,
  type Template,
  type User,
} from '../organisation.ts';

const Value = z
  .object({
    id: z.string().optional(),
    bizAlias: z.string().optional(),
    name: z.string().optional(),
    value: z.string().max(65_535),
  })
  .refine(({ id, bizAlias, name }) => id || bizAlias || name);

const BodySchema = z.object({
  originatorUserId: z.string().min(1),
  processCode: z.string().min(1),
  deptId: z.number().int().optional(),
  approvers: z
    .array(ApprovalStepSchema.refine(({ actionType, userIds }) => actionType !== 'NONE' || userIds.length === 1))
    .max(20)
    .optional(),
  ccList: z.array(z.string()).max(50).default([]),
  formComponentValues: z.array(Value).min(1).max(150),
});
type Body = z.infer<typeof BodySchema>;

/** https://open.dingtalk.com/document/development/create-an-approval-instance */
export const createInstance: Operation = {
  name: 'processInstances/create',
  method: 'POST',
  path: '/v1.0/workflow/processInstances',
  pot: 'apiCalls',
  needsToken: true,
  permission: 'Workflow.Instance.Write',
  answer(world, request) {
    const body = parseBody(request, BodySchema, {
      formComponentValues: ['illegalComponent', '表单组件入参错误'],
      other: ['invalidParameter', '发起审批参数错误'],
    });
    const template = findTemplate(world.organisation, body.processCode);
    if (!template) throw new NewApiError('processCodeError', '获取审批模板失败或者模板已被删除');
    const originator = existingUser(world, body.originatorUserId);
    const start: InstanceStart = {
      processCode: template.processCode,
      title: `${originator.name}提交的${template.name}`,
      originatorUserId: originator.userid,
      originatorDeptId: departmentOf(originator, body),
      ccUserIds: body.ccList.map((userid) => existingUser(world, userid).userid),
      ...stepsOf(world, template, body),
      formComponentValues: formOf(world, template, body),
    };
    return { instanceId: world.approvals.start(start).processInstanceId };
  },
};

/** Steps of the caller replace those of the template. */
function stepsOf(world: World, template: Template, { approvers }: Body) {
  if (!approvers?.length) {
    const steps = template.approvers.map((step) =>
      typeof step === 'string' ? { actionType: 'NONE' as const, userIds: [step] } : step,
    );
    return { steps };
  }
  const approverUserIds = approvers.flatMap(({ userIds }) => userIds);
  for (const userid of approverUserIds) existingUser(world, userid);
  return { steps: approvers, approverUserIds };
}

/** Without approvers the department is required; -1 stands for the root. The originator must belong to it. */
function departmentOf(originator: User, { deptId, approvers }: Body): number {
  if (deptId === undefined && !approvers?.length)
    throw invalidInstance('deptId is required unless approvers are given');
  const wanted = deptId === -1 ? ROOT_DEPARTMENT_ID : deptId;
  const id = originator.dept_id_list.find((own) => wanted === undefined || own === wanted);
  if (id === undefined) throw invalidInstance(`发起人不在发起部门中：${deptId}`);
  return id;
}

function formOf({ organisation, approvals }: World, template: Template, { formComponentValues }: Body): FormValue[] {
  const result = readForm(template.components, formComponentValues, {
    userName: (userid) => findUser(organisation, userid)?.name,
    departmentName: (id) => departmentName(organisation, id),
    hasInstance: (processInstanceId) => approvals.find(processInstanceId) !== undefined,
  });
  if ('form' in result) return result.form;
  throw new NewApiError('formConverterError', `表单数据校验失败，失败控件：${result.failed}`);
}

function existingUser({ organisation }: World, userid: string): User {
  const user = findUser(organisation, userid);
  if (!user) throw invalidInstance(`userid错误：${userid}`);
  return user;
}

function invalidInstance(detail: string): NewApiError {
  return new NewApiError('processInstanceInvalidParameter', `审批实例参数错误，具体可能为:${detail}`);
}
