import type { Instance, InstanceTask } from './instance.ts';

/** What one press on "agree" or "refuse" does. Pure: the caller stores the instance and tells the changes. */
export interface FlowStep {
  instance: Instance;
  /** Tasks that ended or were cancelled, and tasks that began, in this order. */
  changed: { task: InstanceTask; type: 'start' | 'finish' | 'cancel' }[];
}

interface FlowTools {
  now: number;
  newTaskId: () => number;
}

/** Gives the people of step number `step` their tasks; an instance whose steps are used up is approved. */
export function openStep(instance: Instance, step: number, { now, newTaskId }: FlowTools): FlowStep {
  const people = instance.steps[step];
  if (!people) return { instance: finish(instance, 'agree', now), changed: [] };
  const tasks = people.userIds.map(
    (userId): InstanceTask => ({ taskId: newTaskId(), userId, step, status: 'RUNNING', createTime: now }),
  );
  return {
    instance: { ...instance, tasks: [...instance.tasks, ...tasks] },
    changed: tasks.map((task) => ({ task, type: 'start' })),
  };
}

/** Ends the running task `task`. A refusal ends the instance; agreement leads on once the step has what it needs. */
export function decideTask(
  instance: Instance,
  task: InstanceTask,
  decision: { result: 'agree' | 'refuse'; remark: string | undefined },
  tools: FlowTools,
): FlowStep {
  const agreed = decision.result === 'agree';
  const result = agreed ? 'AGREE' : 'REFUSE';
  const done: InstanceTask = { ...task, status: 'COMPLETED', result, finishTime: tools.now };
  const record = {
    userId: task.userId,
    date: tools.now,
    type: 'EXECUTE_TASK_NORMAL',
    result,
    step: task.step,
    ...(decision.remark ? { remark: decision.remark } : {}),
  } as const;
  const recorded: Instance = {
    ...instance,
    tasks: instance.tasks.map((other) => (other.taskId === task.taskId ? done : other)),
    operationRecords: [...instance.operationRecords, record],
  };
  const waitForOthers = agreed && instance.steps[task.step]?.actionType === 'AND' && hasRunningTask(recorded);
  const ended: FlowStep['changed'] = [{ task: done, type: 'finish' }];
  if (waitForOthers) return { instance: recorded, changed: ended };
  const cancelled = cancelTasks(recorded, tools.now);
  const after = agreed
    ? openStep(cancelled.instance, task.step + 1, tools)
    : { instance: finish(cancelled.instance, 'refuse', tools.now), changed: [] };
  return { instance: after.instance, changed: [...ended, ...cancelled.changed, ...after.changed] };
}

/** Cancels every task that still runs, as when the originator withdraws or somebody else was first. */
export function cancelTasks(instance: Instance, now: number): FlowStep {
  const changed: FlowStep['changed'] = [];
  const tasks = instance.tasks.map((task): InstanceTask => {
    if (task.status !== 'RUNNING') return task;
    const cancelled: InstanceTask = { ...task, status: 'CANCELED', finishTime: now };
    changed.push({ task: cancelled, type: 'cancel' });
    return cancelled;
  });
  return { instance: { ...instance, tasks }, changed };
}

function hasRunningTask(instance: Instance): boolean {
  return instance.tasks.some((task) => task.status === 'RUNNING');
}

function finish(instance: Instance, result: 'agree' | 'refuse', now: number): Instance {
  return { ...instance, status: 'COMPLETED', result, finishTime: now };
}
