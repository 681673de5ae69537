import type { Instance, InstanceTask } from './instance.ts';
import { type Organisation, personIds } from './organisation.ts';

/** What the console can tick; the first two have the old envelope, the others the new one. */
export const EVENT_TYPES = [
  'approval_instance',
  'approval_task',
  'im.chat.member.bot.added_v1',
  'im.message.receive_v1',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An event without its envelope. `queue` names what it must not overtake; absent: it keeps to no order. */
export interface LarkEvent {
  type: EventType;
  schema: '1.0' | '2.0';
  event: Record<string, unknown>;
  queue?: string;
}

export type InstanceEventStatus = Instance['status'] | 'REVERTED';

/**
 * https://open.feishu.cn/document/ukTMukTMukTM/uIDO24iM4YjLygjN/event/common-event/approval-instance-event
 * `operate_time` is a text, but a number for REVERTED.
 */
export function instanceEvent(
  instance: Instance,
  status: InstanceEventStatus,
  now: number,
  { app, tenant_key }: Organisation,
): LarkEvent {
  const { approval_code, instance_code, uuid } = instance;
  const event = {
    app_id: app.app_id,
    tenant_key,
    type: 'approval_instance',
    approval_code,
    instance_code,
    status,
    operate_time: status === 'REVERTED' ? now : String(now),
    instance_operate_time: String(now),
    uuid,
  };
  return { type: 'approval_instance', schema: '1.0', event, queue: `approval_instance ${instance_code}` };
}

/** https://open.feishu.cn/document/ukTMukTMukTM/uIDO24iM4YjLygjN/event/common-event/approval-task-event */
export function taskEvent(instance: Instance, task: InstanceTask, now: number, organisation: Organisation): LarkEvent {
  const { approval_code, instance_code, nodes } = instance;
  const node = nodes[task.node];
  const event = {
    app_id: organisation.app.app_id,
    ...personIds(organisation, task.user_id),
    tenant_key: organisation.tenant_key,
    type: 'approval_task',
    approval_code,
    instance_code,
    task_id: task.id,
    status: task.status,
    operate_time: String(now),
    custom_key: node?.custom_node_id ?? '',
    def_key: node?.node_id ?? '',
    extra: '',
  };
  return { type: 'approval_task', schema: '1.0', event, queue: `approval_task ${instance_code}` };
}
