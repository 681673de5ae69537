import { z } from 'zod';

const NodeSchema = z.object({
  node_id: z.string(),
  custom_node_id: z.string().optional(),
  name: z.string(),
  node_type: z.enum(['AND', 'OR', 'SEQUENTIAL']),
  user_ids: z.array(z.string()),
});

const TaskSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  /** Place of the task's node in `nodes`. */
  node: z.number().int(),
  status: z.enum(['PENDING', 'APPROVED', 'REJECTED', 'DONE']),
  start_time: z.number(),
  end_time: z.number(),
});

const TimelineSchema = z.object({
  type: z.enum(['START', 'PASS', 'REJECT', 'CANCEL', 'DELETE']),
  create_time: z.number(),
  user_id: z.string(),
  task_id: z.string().optional(),
  comment: z.string().optional(),
  node: z.number().int().optional(),
});

const CommentSchema = z.object({
  id: z.string(),
  parent_id: z.string().optional(),
  user_id: z.string(),
  content: z.string(),
  create_time: z.number(),
  update_time: z.number(),
  is_delete: z.boolean(),
  at_info_list: z.array(z.object({ user_id: z.string(), name: z.string(), offset: z.string() })),
  extra: z.string(),
});

/** An approval instance as it is stored: the platform's words, times in milliseconds, people by user_id. */
export const InstanceSchema = z.object({
  instance_code: z.string(),
  approval_code: z.string(),
  uuid: z.string(),
  serial_number: z.string(),
  user_id: z.string(),
  department_id: z.string(),
  status: z.enum(['PENDING', 'APPROVED', 'REJECTED', 'CANCELED', 'DELETED']),
  /** Revoked after it was approved; its status reads CANCELED then. */
  reverted: z.boolean(),
  start_time: z.number(),
  /** 0 while it runs. */
  end_time: z.number(),
  /** JSON text, as it reads in the detail. */
  form: z.string(),
  nodes: z.array(NodeSchema),
  tasks: z.array(TaskSchema),
  timeline: z.array(TimelineSchema),
  comments: z.array(CommentSchema),
});

export type Instance = z.infer<typeof InstanceSchema>;
export type InstanceTask = Instance['tasks'][number];
export type InstanceComment = Instance['comments'][number];
export type InstanceNode = Instance['nodes'][number];
