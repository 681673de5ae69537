import * as z from 'zod';
import { parseSchedule } from './cron.ts';

const MAX_ENVIRONMENT_BYTES = 4 * 1024;

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'] as const;

/** Limits: https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables */
const environmentSchema = z
  .record(z.string().regex(/^(?!FC_)[A-Za-z][A-Za-z0-9_]*$/, 'must start with a letter and not with FC_'), z.string())
  .refine((variables) => environmentBytes(variables) <= MAX_ENVIRONMENT_BYTES, 'is larger than 4 KB in total');

/** The settings of a function that both our definition and the API know; limits as in the SDK's API documentation. */
const settings = {
  description: z.string().max(256),
  handler: z.string().regex(/^(?!.*\.\.)[^/].{0,126}\.[A-Za-z_$][\w$]*$/, 'must be <file>.<export>'),
  runtime: z.literal('nodejs20', { error: 'only nodejs20 is emulated' }),
  memorySize: z.int().min(128).max(32_768).multipleOf(64),
  timeout: z.int().min(1).max(86_400),
  environmentVariables: environmentSchema,
  role: z.string().min(1),
};
/** Settings that are kept and given back, and change nothing here. */
const keptSettings = {
  cpu: z.number().min(0.05).max(16).multipleOf(0.05).optional(),
  diskSize: z.union([z.literal(512), z.literal(10_240)]).optional(),
  internetAccess: z.boolean().optional(),
  logConfig: z.looseObject({ project: z.string(), logstore: z.string() }).optional(),
  vpcConfig: z.looseObject({}).optional(),
};
/** Given when a function is created; later tags are changed by calls of their own. */
const tags = z.array(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(128) })).optional();
const functionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, 'is not a function name');
const withDefaults = {
  ...settings,
  ...keptSettings,
  tags,
  description: settings.description.default(''),
  memorySize: settings.memorySize.default(512),
  timeout: settings.timeout.default(3),
  environmentVariables: settings.environmentVariables.default({}),
  role: settings.role.optional(),
};

export const asyncInvokeConfigSchema = z.object({
  asyncTask: z.boolean().default(false),
  maxAsyncRetryAttempts: z.int().min(0).max(8).default(3),
  maxAsyncEventAgeInSeconds: z.int().min(1).max(604_800).default(86_400),
  destinationConfig: z.strictObject({}, { error: 'destinations are not emulated' }).optional(),
});
export type AsyncInvokeConfig = z.infer<typeof asyncInvokeConfigSchema>;

const httpTriggerConfigSchema = z.object({
  authType: z
    .enum(['anonymous', 'function'], { error: 'only anonymous and function are emulated' })
    .default('function'),
  methods: z.array(z.enum(HTTP_METHODS)).min(1),
  disableURLInternet: z.boolean().default(false),
});
const timerTriggerConfigSchema = z.object({
  cronExpression: z.string().superRefine((expression, check) => {
    try {
      parseSchedule(expression);
    } catch (error) {
      check.addIssue(error instanceof Error ? error.message : String(error));
    }
  }),
  payload: z.string().default(''),
  enable: z.boolean(),
});
const triggerName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/, 'is not a trigger name');

export const triggerDefinitionSchema = z.discriminatedUnion('triggerType', [
  z.strictObject({ triggerName, triggerType: z.literal('http'), triggerConfig: httpTriggerConfigSchema }),
  z.strictObject({ triggerName, triggerType: z.literal('timer'), triggerConfig: timerTriggerConfigSchema }),
]);
export type TriggerDefinition = z.infer<typeof triggerDefinitionSchema>;
export type HttpTriggerDefinition = Extract<TriggerDefinition, { triggerType: 'http' }>;
export type TimerTriggerDefinition = Extract<TriggerDefinition, { triggerType: 'timer' }>;
export type HttpTriggerConfig = z.infer<typeof httpTriggerConfigSchema>;
export type TimerTriggerConfig = z.infer<typeof timerTriggerConfigSchema>;

export const functionDefinitionSchema = z.strictObject({
  ...withDefaults,
  functionName,
  /** The folder that would be `/code`. */
  codeDirectory: z.string().min(1),
  asyncInvokeConfig: asyncInvokeConfigSchema.optional(),
  triggers: z
    .array(triggerDefinitionSchema)
    .refine((all) => new Set(all.map((each) => each.triggerName)).size === all.length, 'two triggers share a name')
    .refine((all) => all.filter((each) => each.triggerType === 'http').length <= 1, 'at most one HTTP trigger')
    .default([]),
  /** Starts one instance at once, as a minimum of instances would. */
  warm: z.boolean().default(false),
});
export type FunctionDefinition = z.input<typeof functionDefinitionSchema>;
/** A definition with its defaults filled in. */
export type CheckedDefinition = z.output<typeof functionDefinitionSchema>;

const codeSchema = z.object({
  zipFile: z.base64().optional(),
  ossBucketName: z.never({ error: 'code in OSS is not emulated, send zipFile' }).optional(),
});
export const createFunctionSchema = z.object({
  ...withDefaults,
  functionName,
  code: codeSchema.required({ zipFile: true }),
});
export const updateFunctionSchema = z.object({ ...settings, ...keptSettings, code: codeSchema }).partial();

/** https://www.alibabacloud.com/help/en/functioncompute/api-fc-2023-03-30-struct-putscalingconfiginput */
export const scalingConfigSchema = z.object({
  minInstances: z.int().min(0).max(1_000).default(0),
  horizontalScalingPolicies: z.array(z.never({ error: 'policies are not emulated' })).optional(),
  scheduledPolicies: z.array(z.never({ error: 'policies are not emulated' })).optional(),
});
export type ScalingConfig = z.infer<typeof scalingConfigSchema>;

function environmentBytes(variables: Readonly<Record<string, string>>): number {
  return Object.entries(variables).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}
