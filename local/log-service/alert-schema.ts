import * as z from 'zod';

const text = z.string().min(1);
const severity = z.union([z.literal(2), z.literal(4), z.literal(6), z.literal(8), z.literal(10)]);
const tag = z.strictObject({ key: text, value: z.string() });
/** `-5m`, and at most a day back: https://alibabacloud.com/help/en/sls/overview-16 */
const query = z.strictObject({
  storeType: z.enum(['log', 'metric', 'meta']),
  region: text,
  project: text,
  store: text,
  query: text,
  timeSpanType: z.enum(['Relative', 'Truncated', 'Custom']),
  start: z.string().regex(/^-\d+[smhd]$/),
  end: z.string().regex(/^(now|-\d+[smhd])$/),
  powerSqlMode: z.enum(['auto', 'enable', 'disable']).optional(),
});
/** A condition has at most 128 characters: https://www.alibabacloud.com/help/doc-detail/91784.htm */
const condition = z.strictObject({
  condition: z.string().max(128).optional(),
  countCondition: z.string().max(128).optional(),
});

/**
 * What is known of https://www.alibabacloud.com/help/en/sls/developer-reference/data-structure-of-an-alert-monitoring-rule:
 * a field that it does not name is refused, so that a misspelled one is found here.
 */
const configurationSchema = z.strictObject({
  version: z.literal('2.0'),
  type: z.literal('default'),
  dashboard: text,
  queryList: z.array(query).min(1).max(3),
  groupConfiguration: z.strictObject({
    type: z.enum(['no_group', 'labels_auto', 'custom']),
    fields: z.array(text).optional(),
  }),
  joinConfigurations: z.array(z.strictObject({ type: text, condition: z.string() })).optional(),
  severityConfigurations: z.array(z.strictObject({ severity, evalCondition: condition })).min(1),
  labels: z.array(tag).optional(),
  annotations: z.array(tag).optional(),
  autoAnnotation: z.boolean(),
  sendResolved: z.boolean(),
  threshold: z.int().min(1),
  noDataFire: z.boolean(),
  noDataSeverity: severity.optional(),
  muteUntil: z.int().optional(),
  policyConfiguration: z.strictObject({
    alertPolicyId: text,
    actionPolicyId: z.string(),
    repeatInterval: z.string().regex(/^\d+[smh]$/),
  }),
});

const scheduleSchema = z.strictObject({
  type: z.literal('FixedRate'),
  interval: z.string().regex(/^\d+[smhd]$/),
  runImmediately: z.boolean().optional(),
});

/** UpdateAlert's body; the name stands in the path. */
export const updateSchema = z.strictObject({
  displayName: z.string().min(1).max(64),
  description: z.string().max(256).optional(),
  configuration: configurationSchema,
  schedule: scheduleSchema,
});
export const createSchema = updateSchema.extend({ name: z.string().regex(/^[a-z0-9][a-z0-9_-]{1,62}$/) });

export const storedSchema = createSchema.extend({
  status: z.enum(['ENABLED', 'DISABLED']),
  /** Seconds since the epoch. */
  createTime: z.int(),
  lastModifiedTime: z.int(),
});
export type StoredAlert = z.infer<typeof storedSchema>;
