import type { Clock } from '../../shared/clock.ts';
import type { Collection } from '../collection.ts';
import { type InstanceEventStatus, instanceEvent, type LarkEvent, taskEvent } from './approval-events.ts';
import { decideTask, endTasks, type FlowStep, openNode } from './approval-flow.ts';
import { digitId } from './ids.ts';
import type { Instance, InstanceComment, InstanceTask } from './instance.ts';
import type { Organisation } from './organisation.ts';

export type InstanceStart = Pick<Instance, 'approval_code' | 'user_id' | 'department_id' | 'form' | 'nodes'> & {
  uuid?: string | undefined;
};

/** The approval instances and what people do with them. Callers have checked that the action is allowed. */
export interface Approvals {
  /** By instance code, or by the uuid of its creation in any case of letters. */
  find(id: string): Instance | undefined;
  /** Oldest first. */
  all(): Instance[];
  start(start: InstanceStart): Instance;
  decide(instance: Instance, task: InstanceTask, decision: { approved: boolean; comment: string | undefined }): void;
  /** The submitter withdraws what is not decided yet. */
  cancel(instance: Instance): void;
  /** The submitter revokes what was approved. */
  revert(instance: Instance): void;
  /** An administrator deletes the definition while the instance runs. */
  delete(instance: Instance): void;
  /** Adds a comment, or replaces the one with the same id. */
  putComment(instance: Instance, comment: InstanceComment): void;
  clearComments(instance: Instance): void;
}

export interface ApprovalTools {
  clock: Clock;
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  organisation: Organisation;
  instances: Collection<Instance>;
  emit: (approvalCode: string, event: LarkEvent) => void;
}

export function createApprovals(tools: ApprovalTools): Approvals {
  const { clock, instances, randomBytes } = tools;
  const flow = () => ({ now: clock.now(), newTaskId: () => digitId(randomBytes) });
  const end = (ended: FlowStep, type: 'CANCEL' | 'DELETE') => {
    const now = clock.now();
    const entry = { type, create_time: now, user_id: ended.instance.user_id } as const;
    const status = type === 'CANCEL' ? 'CANCELED' : 'DELETED';
    const instance: Instance = { ...ended.instance, timeline: [...ended.instance.timeline, entry], status };
    store({ ...ended, instance: { ...instance, end_time: now } }, status, tools);
  };
  return {
    find: (id) => instances.get(id) ?? instances.all().find(({ uuid }) => uuid.toLowerCase() === id.toLowerCase()),
    all: () => instances.all(),
    start(start) {
      const opened = openNode(newInstance(start, tools), 0, flow());
      store(opened, 'PENDING', tools);
      return opened.instance;
    },
    decide(instance, task, decision) {
      const decided = decideTask(instance, task, decision, flow());
      const { status } = decided.instance;
      store(decided, status === 'PENDING' ? undefined : status, tools);
    },
    cancel: (instance) => end(endTasks(instance, clock.now()), 'CANCEL'),
    delete: (instance) => end(endTasks(instance, clock.now()), 'DELETE'),
    revert(instance) {
      const entry = { type: 'CANCEL', create_time: clock.now(), user_id: instance.user_id } as const;
      const timeline = [...instance.timeline, entry];
      store({ instance: { ...instance, status: 'CANCELED', reverted: true, timeline }, told: [] }, 'REVERTED', tools);
    },
    putComment(instance, comment) {
      const known = instance.comments.some(({ id }) => id === comment.id);
      const comments = known
        ? instance.comments.map((other) => (other.id === comment.id ? comment : other))
        : [...instance.comments, comment];
      instances.put({ ...instance, comments });
    },
    clearComments: (instance) => instances.put({ ...instance, comments: [] }),
  };
}

/** A beginning is told before its tasks, an end after them. */
function store({ instance, told }: FlowStep, status: InstanceEventStatus | undefined, tools: ApprovalTools): void {
  const { instances, organisation, emit } = tools;
  const now = tools.clock.now();
  instances.put(instance);
  const { approval_code } = instance;
  const tellInstance = () => status && emit(approval_code, instanceEvent(instance, status, now, organisation));
  if (status === 'PENDING') tellInstance();
  for (const task of told) emit(approval_code, taskEvent(instance, task, now, organisation));
  if (status !== 'PENDING') tellInstance();
}

const CHINA_MS = 8 * 3_600_000;

function newInstance(start: InstanceStart, { clock, newId, instances }: ApprovalTools): Instance {
  const now = clock.now();
  const day = new Date(now + CHINA_MS).toISOString().slice(0, 10).replaceAll('-', '');
  const ofDay = instances.all().filter(({ serial_number }) => serial_number.startsWith(day)).length;
  return {
    ...start,
    instance_code: newId().toUpperCase(),
    uuid: start.uuid ?? newId().toUpperCase(),
    serial_number: `${day}${String(ofDay + 1).padStart(4, '0')}`,
    status: 'PENDING',
    reverted: false,
    start_time: now,
    end_time: 0,
    tasks: [],
    timeline: [{ type: 'START', create_time: now, user_id: start.user_id }],
    comments: [],
  };
}
