import type { Instance, InstanceNode, InstanceTask } from './instance.ts';

/** What one press on "approve" or "reject" does. Pure: the caller stores the instance and tells the changes. */
export interface FlowStep {
  instance: Instance;
  /** Tasks to be told of, in this order; a task that goes on waiting beside others is told once more. */
  told: InstanceTask[];
}

export interface FlowTools {
  now: number;
  newTaskId: () => string;
}

/** Gives the people of node number `node` their tasks; an instance whose nodes are used up is approved. */
export function openNode(instance: Instance, node: number, tools: FlowTools): FlowStep {
  const next = instance.nodes[node];
  if (!next) return { instance: { ...instance, status: 'APPROVED', end_time: tools.now }, told: [] };
  const people = next.node_type === 'SEQUENTIAL' ? next.user_ids.slice(0, 1) : next.user_ids;
  return addTasks(instance, people, node, tools);
}

/** Ends the pending task `task`. A rejection ends the instance; approval leads on once the node has what it needs. */
export function decideTask(
  instance: Instance,
  task: InstanceTask,
  decision: { approved: boolean; comment: string | undefined },
  tools: FlowTools,
): FlowStep {
  const { approved, comment } = decision;
  const done: InstanceTask = { ...task, status: approved ? 'APPROVED' : 'REJECTED', end_time: tools.now };
  const entry = {
    type: approved ? 'PASS' : 'REJECT',
    create_time: tools.now,
    user_id: task.user_id,
    task_id: task.id,
    node: task.node,
    ...(comment ? { comment } : {}),
  } as const;
  const recorded: Instance = {
    ...instance,
    tasks: instance.tasks.map((other) => (other.id === task.id ? done : other)),
    timeline: [...instance.timeline, entry],
  };
  const after = approved ? goOn(recorded, task.node, tools) : reject(recorded, tools.now);
  return { instance: after.instance, told: [done, ...after.told] };
}

/** Ends every pending task as DONE: the submitter withdrew, or somebody else decided. */
export function endTasks(instance: Instance, now: number): FlowStep {
  const told: InstanceTask[] = [];
  const tasks = instance.tasks.map((task): InstanceTask => {
    if (task.status !== 'PENDING') return task;
    const ended: InstanceTask = { ...task, status: 'DONE', end_time: now };
    told.push(ended);
    return ended;
  });
  return { instance: { ...instance, tasks }, told };
}

function goOn(instance: Instance, node: number, tools: FlowTools): FlowStep {
  const type = instance.nodes[node]?.node_type;
  const waiting = instance.tasks.filter((task) => task.status === 'PENDING');
  if (type === 'AND' && waiting.length > 0) return { instance, told: waiting };
  const next = type === 'SEQUENTIAL' ? nextPerson(instance, node) : undefined;
  if (next !== undefined) return addTasks(instance, [next], node, tools);
  const ended = endTasks(instance, tools.now);
  const opened = openNode(ended.instance, node + 1, tools);
  return { instance: opened.instance, told: [...ended.told, ...opened.told] };
}

function reject(instance: Instance, now: number): FlowStep {
  const { instance: ended, told } = endTasks(instance, now);
  return { instance: { ...ended, status: 'REJECTED', end_time: now }, told };
}

function nextPerson(instance: Instance, node: number): string | undefined {
  const people: InstanceNode['user_ids'] = instance.nodes[node]?.user_ids ?? [];
  return people[instance.tasks.filter((task) => task.node === node).length];
}

function addTasks(instance: Instance, people: string[], node: number, { now, newTaskId }: FlowTools): FlowStep {
  const told = people.map(
    (user_id): InstanceTask => ({ id: newTaskId(), user_id, node, status: 'PENDING', start_time: now, end_time: 0 }),
  );
  return { instance: { ...instance, tasks: [...instance.tasks, ...told] }, told };
}
