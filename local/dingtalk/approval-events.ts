import type { Instance, InstanceTask } from './instance.ts';

export const EVENT_TYPES = ['bpms_instance_change', 'bpms_task_change'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The business fields of an event, as they stand at the top level of a decrypted callback. */
export interface ApprovalEvent {
  eventType: EventType;
  data: { processInstanceId: string; type: string; result?: string; [field: string]: unknown };
}

/** https://open.dingtalk.com/document/development/event-bpms-instance-change */
export function instanceEvent(
  instance: Instance,
  type: 'start' | 'finish' | 'terminate',
  corpId: string,
): ApprovalEvent {
  return {
    eventType: 'bpms_instance_change',
    data: {
      ...commonFields(instance),
      type,
      ...(type === 'finish' && instance.result ? { result: instance.result } : {}),
      staffId: instance.originatorUserId,
      createTime: instance.createTime,
      ...(instance.finishTime === undefined ? {} : { finishTime: instance.finishTime }),
      businessType: '',
      url: instanceUrl(corpId, instance.processInstanceId),
    },
  };
}

/** https://open.dingtalk.com/document/development/event-bpms-task-change ; `staffId` is the approver here. */
export function taskEvent(
  instance: Instance,
  task: InstanceTask,
  type: 'start' | 'finish' | 'cancel',
  remark: string | undefined,
): ApprovalEvent {
  return {
    eventType: 'bpms_task_change',
    data: {
      ...commonFields(instance),
      type,
      ...(type === 'finish' && task.result ? { result: task.result.toLowerCase(), remark: remark ?? '' } : {}),
      taskId: task.taskId,
      staffId: task.userId,
      createTime: task.createTime,
      ...(task.finishTime === undefined ? {} : { finishTime: task.finishTime }),
    },
  };
}

export function instanceUrl(corpId: string, processInstanceId: string, taskId?: number): string {
  const task = taskId === undefined ? {} : { taskId: String(taskId) };
  const query = new URLSearchParams({ corpid: corpId, dd_share: 'false', procInstId: processInstanceId, ...task });
  return `https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?${query}#/approval`;
}

function commonFields({ processInstanceId, processCode, businessId, title }: Instance) {
  return { processInstanceId, processCode, businessId, bizCategoryId: '', title };
}
