import { NewApiError } from '../api-errors.ts';
import { instanceUrl } from '../approval-events.ts';
import type { Instance, InstanceTask } from '../instance.ts';
import type { Operation } from '../operation.ts';
import { departmentName, type Organisation, ROOT_DEPARTMENT_ID } from '../organisation.ts';

/** https://open.dingtalk.com/document/development/obtains-the-details-of-a-single-approval-instance-pop */
export const getInstance: Operation = {
  name: 'processInstances/get',
  method: 'GET',
  path: '/v1.0/workflow/processInstances',
  pot: 'apiCalls',
  needsToken: true,
  answer({ approvals, organisation }, { query }) {
    const processInstanceId = query.get('processInstanceId');
    if (!processInstanceId) throw new NewApiError('processInstanceIdError', 'processInstanceId参数无效');
    const instance = approvals.find(processInstanceId);
    if (!instance) throw new NewApiError('processInstanceNotExist', '审批实例不存在');
    const success = organisation.successAsText ? 'true' : true;
    return { result: detailOf(instance, organisation), success };
  },
};

function detailOf(instance: Instance, organisation: Organisation) {
  const { title, businessId, status, result, bizAction, formComponentValues, ccUserIds } = instance;
  const { originatorUserId, originatorDeptId, attachedProcessInstanceIds } = instance;
  return {
    title,
    createTime: toMinute(instance.createTime),
    finishTime: toMinute(instance.finishTime),
    originatorUserId,
    originatorDeptId: String(originatorDeptId === ROOT_DEPARTMENT_ID ? -1 : originatorDeptId),
    originatorDeptName: departmentName(organisation, originatorDeptId),
    status,
    result,
    businessId,
    bizAction,
    mainProcessInstanceId: instance.mainProcessInstanceId,
    attachedProcessInstanceIds,
    approverUserIds: instance.approverUserIds,
    ccUserIds,
    operationRecords: instance.operationRecords.map(({ userId, date, type, result, remark, step }) => ({
      userId,
      date: toMinute(date),
      type,
      result,
      remark,
      ...(step === undefined ? {} : stepNames(step)),
      attachments: [],
      ccUserIds: [],
      images: [],
    })),
    tasks: instance.tasks.map((task) => taskOf(task, instance.processInstanceId, organisation.corpId)),
    formComponentValues,
  };
}

function taskOf(task: InstanceTask, processInstanceId: string, corpId: string) {
  const { taskId, userId, status, result, step } = task;
  const url = instanceUrl(corpId, processInstanceId, taskId);
  const { activityId, showName: taskGroupName } = stepNames(step);
  return {
    taskId,
    userId,
    status,
    result,
    createTime: toMinute(task.createTime),
    finishTime: toMinute(task.finishTime),
    mobileUrl: url,
    pcUrl: url,
    processInstanceId,
    activityId,
    taskGroupName,
  };
}

function stepNames(step: number): { activityId: string; showName: string } {
  return { activityId: `activity_${step + 1}`, showName: '审批人' };
}

/** Times of the detail end at the minute: `2022-08-31T11:52Z`. */
function toMinute(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
