import { z } from 'zod';
import { RUN_STATUSES } from './status.ts';

/** What is kept on disk, one JSON file a record. Times are milliseconds since the epoch. */

const Tag = z.strictObject({ key: z.string(), value: z.string() });
export type Tag = z.infer<typeof Tag>;

/** `key` names operation and token; `digest` covers every parameter of the call. */
const ClientToken = z.strictObject({ key: z.string(), digest: z.string() });
export type ClientToken = z.infer<typeof ClientToken>;

const created = {
  clientToken: ClientToken.optional(),
  creationTime: z.number(),
  tags: z.array(Tag),
  resourceGroupId: z.string(),
};

export const COMMAND_TYPES = ['RunShellScript', 'RunBatScript', 'RunPowerShellScript'] as const;

export const Command = z.strictObject({
  ...created,
  commandId: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.enum(COMMAND_TYPES),
  /** Base64. */
  content: z.string(),
  /** In seconds. */
  timeout: z.number(),
  workingDir: z.string(),
  launcher: z.string(),
  enableParameter: z.boolean(),
  invokeTimes: z.number(),
});
export type Command = z.infer<typeof Command>;

/** One instance's part of an invocation or of a file task. */
const InstanceRun = z.strictObject({
  instanceId: z.string(),
  status: z.enum(RUN_STATUSES),
  exitCode: z.number().optional(),
  /** Base64, present once the run has ended. */
  output: z.string(),
  dropped: z.number(),
  errorCode: z.string(),
  errorInfo: z.string(),
  creationTime: z.number(),
  startTime: z.number().optional(),
  finishTime: z.number().optional(),
  /** When StopInvocation was called. */
  stopTime: z.number().optional(),
  updateTime: z.number(),
});
export type InstanceRun = z.infer<typeof InstanceRun>;

export const Invocation = z.strictObject({
  ...created,
  invokeId: z.string(),
  commandId: z.string(),
  commandName: z.string(),
  commandDescription: z.string(),
  commandType: z.enum(COMMAND_TYPES),
  /** Base64, parameters not yet filled in. */
  content: z.string(),
  enableParameter: z.boolean(),
  parameters: z.record(z.string(), z.string()),
  timeout: z.number(),
  workingDir: z.string(),
  username: z.string(),
  terminationMode: z.enum(['Process', 'ProcessTree']),
  runs: z.array(InstanceRun),
});
export type Invocation = z.infer<typeof Invocation>;

export const FileTask = z.strictObject({
  ...created,
  invokeId: z.string(),
  name: z.string(),
  description: z.string(),
  targetDir: z.string(),
  content: z.string(),
  contentType: z.enum(['PlainText', 'Base64']),
  fileMode: z.string(),
  fileOwner: z.string(),
  fileGroup: z.string(),
  overwrite: z.boolean(),
  runs: z.array(InstanceRun),
});
export type FileTask = z.infer<typeof FileTask>;

export function pendingRun(instanceId: string, now: number): InstanceRun {
  return {
    instanceId,
    status: 'Pending',
    output: '',
    dropped: 0,
    errorCode: '',
    errorInfo: '',
    creationTime: now,
    updateTime: now,
  };
}
