import type { Clock } from '../../shared/clock.ts';
import type { Collection } from '../collection.ts';
import { type ApprovalEvent, instanceEvent, taskEvent } from './approval-events.ts';
import { cancelTasks, decideTask, type FlowStep, openStep } from './approval-flow.ts';
import { type BizAction, businessIdAt, type Instance, type InstanceTask } from './instance.ts';

export type InstanceStart = Pick<
  Instance,
  'processCode' | 'title' | 'originatorUserId' | 'originatorDeptId' | 'ccUserIds' | 'steps' | 'formComponentValues'
> & { approverUserIds?: string[] | undefined };

/** The approval instances and what people do with them. Callers have checked that the action is allowed. */
export interface Approvals {
  find(processInstanceId: string): Instance | undefined;
  /** Oldest first. */
  all(): Instance[];
  start(start: InstanceStart): Instance;
  /** What DingTalk does when somebody modifies or revokes an approved instance: a new one, attached to the original. */
  attach(processInstanceId: string, bizAction: Exclude<BizAction, 'NONE'>): Instance;
  decide(instance: Instance, task: InstanceTask, decision: { result: 'agree' | 'refuse'; remark?: string }): void;
  terminate(instance: Instance, userId: string, remark: string | undefined): void;
  comment(instance: Instance, userId: string, text: string): void;
}

export interface ApprovalTools {
  clock: Clock;
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  corpId: string;
  instances: Collection<Instance>;
  emit: (event: ApprovalEvent) => void;
}

export function createApprovals(tools: ApprovalTools): Approvals {
  const { clock, instances, randomBytes, corpId, emit } = tools;
  const flow = () => ({ now: clock.now(), newTaskId: () => randomBytes(5).readUIntBE(0, 5) });
  const tellTasks = ({ instance, changed }: FlowStep, remark?: string) => {
    for (const { task, type } of changed) emit(taskEvent(instance, task, type, remark));
  };
  const begin = (instance: Instance): Instance => {
    const opened = openStep(instance, 0, flow());
    instances.put(opened.instance);
    emit(instanceEvent(opened.instance, 'start', corpId));
    tellTasks(opened);
    return opened.instance;
  };
  return {
    find: (processInstanceId) => instances.get(processInstanceId),
    all: () => instances.all(),
    start: (start) => begin(newInstance(start, tools)),
    attach(processInstanceId, bizAction) {
      const main = instances.get(processInstanceId);
      if (main?.result !== 'agree')
        throw new Error(`${processInstanceId} is no approved instance, so it cannot be changed`);
      const attached = { ...newInstance(main, tools), bizAction, mainProcessInstanceId: processInstanceId };
      const attachedProcessInstanceIds = [...main.attachedProcessInstanceIds, attached.processInstanceId];
      instances.put({ ...main, attachedProcessInstanceIds });
      return begin(attached);
    },
    decide(instance, task, { result, remark }) {
      const decided = decideTask(instance, task, { result, remark }, flow());
      instances.put(decided.instance);
      tellTasks(decided, remark);
      if (decided.instance.status === 'COMPLETED') emit(instanceEvent(decided.instance, 'finish', corpId));
    },
    terminate(instance, userId, remark) {
      const now = clock.now();
      const cancelled = cancelTasks(instance, now);
      const record = { userId, date: now, type: 'TERMINATE_PROCESS_INSTANCE', result: 'NONE', remark } as const;
      const terminated: Instance = {
        ...cancelled.instance,
        status: 'TERMINATED',
        finishTime: now,
        operationRecords: [...instance.operationRecords, record],
      };
      instances.put(terminated);
      tellTasks(cancelled);
      emit(instanceEvent(terminated, 'terminate', corpId));
    },
    comment(instance, userId, text) {
      const record = { userId, date: clock.now(), type: 'ADD_REMARK', result: 'NONE', remark: text } as const;
      instances.put({ ...instance, operationRecords: [...instance.operationRecords, record] });
    },
  };
}

function newInstance(start: InstanceStart, { clock, newId, randomBytes }: ApprovalTools): Instance {
  const now = clock.now();
  const { processCode, title, originatorUserId, originatorDeptId, ccUserIds, steps, formComponentValues } = start;
  return {
    processInstanceId: newId(),
    businessId: businessIdAt(now, randomBytes),
    processCode,
    title,
    originatorUserId,
    originatorDeptId,
    ccUserIds,
    steps,
    formComponentValues,
    ...(start.approverUserIds ? { approverUserIds: start.approverUserIds } : {}),
    status: 'RUNNING',
    bizAction: 'NONE',
    attachedProcessInstanceIds: [],
    createTime: now,
    tasks: [],
    operationRecords: [{ userId: originatorUserId, date: now, type: 'START_PROCESS_INSTANCE', result: 'NONE' }],
  };
}
