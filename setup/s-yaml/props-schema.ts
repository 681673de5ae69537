import * as z from 'zod';
import { accepted, matching, number, oneOf, text, truth } from './accepted.ts';

/** As in the component's own schema: https://github.com/devsapp/fc3, `src/schema.json` of version 0.1.22. */
const REGIONS = [
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3'],
  ...['ap-southeast-5', 'ap-southeast-7', 'cn-beijing', 'cn-chengdu', 'cn-hangzhou', 'cn-heyuan-acdr-1'],
  ...['cn-hongkong', 'cn-huhehaote', 'cn-qingdao', 'cn-shanghai', 'cn-shanghai-cloudspe', 'cn-shanghai-finance-1'],
  ...['cn-shenzhen', 'cn-wulanchabu', 'cn-zhangjiakou', 'eu-central-1', 'eu-west-1', 'me-central-1', 'us-east-1'],
  'us-west-1',
];

/** Variables hold secrets, so that a wrong one is never shown. */
const variable = z.custom<string>((value) => typeof value === 'string', {
  error: ({ input }) => `is ${input === null ? 'empty' : `a ${typeof input}`} and must be a text; put it in quotes`,
});
/** https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables */
const variables = z.record(
  z
    .string()
    .regex(
      /^(?!FC_)[A-Za-z][A-Za-z0-9_]*$/,
      'must begin with a letter, not with FC_, and hold only A-Z, a-z, 0-9 and _',
    ),
  variable,
);

const logConfig = z.union(
  [
    oneOf('auto'),
    z.strictObject({
      project: text,
      logstore: text,
      enableRequestMetrics: truth.optional(),
      enableInstanceMetrics: truth.optional(),
      logBeginRule: oneOf('DefaultRegex', 'None').optional(),
    }),
  ],
  { error: 'must be auto, or a map with project and logstore: a deploy without it turns the logs off' },
);

/** An hour is our own; the API takes 1 to 604800: https://www.alibabacloud.com/help/en/functioncompute/api-fc-2023-03-30-struct-putasyncinvokeconfiginput */
const asyncInvokeConfig = z.strictObject({
  asyncTask: truth.optional(),
  maxAsyncRetryAttempts: number(0, 8),
  maxAsyncEventAgeInSeconds: number(1, 604_800),
});

/** How the description of every function begins: a deploy writes over no function that lacks it. */
export const FUNCTION_MARK = 'Made by approval-loop: ';

/** The longest work of a function is a sweep of 40 s and the step that it has begun. */
const MIN_TIMEOUT = 60;

/**
 * What a function of ours is made of, and nothing else: the tool passes over a misspelt key in silence. Limits as in
 * the API documentation that `@alicloud/fc20230330` 4.7.6 carries.
 */
export const propsSchema = z.strictObject({
  region: accepted<string>(
    (value) => REGIONS.some((region) => region === value),
    `a region of Function Compute: ${REGIONS.join(', ')}`,
  ),
  functionName: matching(
    /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/,
    '1 to 64 of A-Z, a-z, 0-9, _ and -, not beginning with a digit or -',
  ),
  description: accepted<string>(
    (value) => typeof value === 'string' && value.startsWith(FUNCTION_MARK) && value.length <= 256,
    `a text of at most 256 characters that begins "${FUNCTION_MARK}", by which a deploy knows its own functions`,
  ),
  runtime: oneOf('nodejs20'),
  handler: oneOf('index.handler'),
  code: matching(
    /^\.\/dist\/environments\/[a-z][a-z0-9-]*\/[a-z]+$/,
    './dist/environments/<environment>/<function>, which the build makes',
  ),
  cpu: number(0.05, 16, 0.05),
  memorySize: number(128, 32_768, 64),
  diskSize: oneOf(512, 10_240),
  timeout: number(MIN_TIMEOUT, 86_400),
  internetAccess: oneOf(true),
  // The tool makes a role's ARN lower-case: one with capitals would name another role.
  role: matching(
    /^acs:ram::\d{16}:role\/[a-z0-9._-]{1,64}$/,
    'acs:ram::<account of 16 digits>:role/<name in lower case>',
  ),
  logConfig,
  asyncInvokeConfig,
  environmentVariables: variables,
  vpcConfig: z
    .union([oneOf('auto'), z.strictObject({ vpcId: text, vSwitchIds: z.array(text).min(1), securityGroupId: text })], {
      error: 'must be auto, or a map with vpcId, vSwitchIds and securityGroupId',
    })
    .optional(),
  scalingConfig: z.strictObject({ minInstances: number(0, 1000).optional() }).optional(),
  concurrencyConfig: z.strictObject({ reservedConcurrency: number(1, 1000) }).optional(),
  tags: z.array(z.strictObject({ key: text, value: text })).optional(),
  triggers: z.array(z.unknown()).min(1, 'needs a timer trigger for the sweep'),
});
export type Props = z.infer<typeof propsSchema>;
