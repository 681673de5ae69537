import { z } from 'zod';
import { ApprovalStepSchema } from './organisation.ts';

const FormValueSchema = z.object({
  id: z.string(),
  name: z.string(),
  value: z.string(),
  extValue: z.string().optional(),
  componentType: z.string(),
  bizAlias: z.string(),
});

const TaskSchema = z.object({
  taskId: z.number().int(),
  userId: z.string(),
  /** Place of the task's step in `steps`. */
  step: z.number().int(),
  status: z.enum(['RUNNING', 'COMPLETED', 'CANCELED']),
  result: z.enum(['AGREE', 'REFUSE']).optional(),
  createTime: z.number(),
  finishTime: z.number().optional(),
});

const OperationRecordSchema = z.object({
  userId: z.string(),
  date: z.number(),
  type: z.enum(['START_PROCESS_INSTANCE', 'EXECUTE_TASK_NORMAL', 'ADD_REMARK', 'TERMINATE_PROCESS_INSTANCE']),
  result: z.enum(['AGREE', 'REFUSE', 'NONE']),
  remark: z.string().optional(),
  step: z.number().int().optional(),
});

/** An approval instance as it is stored: the platform's words, times in milliseconds. */
export const InstanceSchema = z.object({
  processInstanceId: z.string(),
  processCode: z.string(),
  businessId: z.string(),
  title: z.string(),
  originatorUserId: z.string(),
  originatorDeptId: z.number().int(),
  status: z.enum(['RUNNING', 'TERMINATED', 'COMPLETED']),
  result: z.enum(['agree', 'refuse']).optional(),
  bizAction: z.enum(['NONE', 'MODIFY', 'REVOKE']),
  mainProcessInstanceId: z.string().optional(),
  attachedProcessInstanceIds: z.array(z.string()),
  /** Only on instances started through the API with approvers of their own. */
  approverUserIds: z.array(z.string()).optional(),
  ccUserIds: z.array(z.string()),
  steps: z.array(ApprovalStepSchema),
  createTime: z.number(),
  finishTime: z.number().optional(),
  formComponentValues: z.array(FormValueSchema),
  tasks: z.array(TaskSchema),
  operationRecords: z.array(OperationRecordSchema),
});

export type Instance = z.infer<typeof InstanceSchema>;
export type InstanceTask = Instance['tasks'][number];
export type FormValue = z.infer<typeof FormValueSchema>;
export type BizAction = Instance['bizAction'];
export const INSTANCE_STATUSES = InstanceSchema.shape.status.options;

const CHINA_MS = 8 * 3_600_000;

/** The human number of an instance: yyyyMMddHHmm in China and nine more digits, 21 in all (seen in captured callbacks). */
export function businessIdAt(now: number, randomBytes: (n: number) => Buffer): string {
  const minute = new Date(now + CHINA_MS)
    .toISOString()
    .replace(/[^0-9]/g, '')
    .slice(0, 12);
  return `${minute}${String(randomBytes(4).readUInt32BE() % 1_000_000_000).padStart(9, '0')}`;
}
