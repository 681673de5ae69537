import * as z from 'zod';
import { EventBridgeError } from './event-bridge-error.ts';
import { parseJsonPath } from './json-path.ts';

export const PARAMETER_FORMS = ['ORIGINAL', 'JSONPATH', 'CONSTANT', 'TEMPLATE'] as const;

/** https://www.alibabacloud.com/help/en/eventbridge/user-guide/event-target-parameters, and those Terraform adds. */
const TARGET_TYPES = [
  ...['acs.dingtalk', 'acs.mail', 'acs.sms', 'acs.fc.function', 'acs.mns.queue', 'acs.rocketmq', 'acs.rabbitmq'],
  ...['acs.alikafka', 'acs.sls', 'http', 'https', 'acs.rds.mysql', 'mysql', 'acs.eventbridge', 'acs.api.destination'],
  ...['acs.fnf', 'acs.k8s', 'acs.sae', 'acs.eventbridge.olap', 'acs.datahub', 'acs.arms.loki', 'acs.mns.topic'],
  ...['acs.eventbus.SLSCloudLens', 'acs.openapi'],
];

/** The first spelling is the enumeration's; some API examples leave the underscores out. */
export const PUSH_RETRY_STRATEGIES = [
  'BACKOFF_RETRY',
  'EXPONENTIAL_DECAY_RETRY',
  'BACKOFFRETRY',
  'EXPONENTIALDECAYRETRY',
] as const;

/** Documented for `Value` and `Template`, in characters. */
const MAX_PARAMETER_LENGTH = 10_240;

const parameterText = z.string().max(MAX_PARAMETER_LENGTH).optional();

export const ruleTargetSchema = z.object({
  Id: z.string().min(1).max(255),
  Type: z.string().min(1).max(64),
  Endpoint: z.string().min(1).max(1024),
  PushRetryStrategy: z.enum(PUSH_RETRY_STRATEGIES).optional(),
  ParamList: z
    .array(
      z.object({
        ResourceKey: z.string().min(1).max(128),
        Form: z.enum(PARAMETER_FORMS),
        Value: parameterText,
        Template: parameterText,
      }),
    )
    .max(64)
    .default([]),
  ConcurrentConfig: z.object({ Concurrency: z.number().int().positive().optional() }).optional(),
});

/** A target of a rule, spelt as on the wire. */
export type RuleTarget = z.infer<typeof ruleTargetSchema>;
export type TargetParameter = RuleTarget['ParamList'][number];

/** Variables of a TEMPLATE: flat, each a path or a constant. */
export const templateVariablesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Both forms of a function's endpoint: with a service, and as functions of FC 3.0 are named in public examples. */
const FUNCTION_ENDPOINT =
  /^acs:fc:(?<region>[a-z0-9-]+):(?<account>\d+):(services\/[\w-]+(\.[\w-]+)?\/)?functions\/[\w$.-]+$/;

/** Throws EventBridgeError for what the schema cannot see. A target is of the bus's own region and account. */
export function checkTarget(target: RuleTarget, place: { region: string; accountId: string }): void {
  if (!TARGET_TYPES.includes(target.Type)) {
    throw new EventBridgeError(409, 'EventTargetClassNotExist', `The event target class [${target.Type}] not existed!`);
  }
  if (target.Type === 'acs.fc.function') {
    const { region, account } = FUNCTION_ENDPOINT.exec(target.Endpoint)?.groups ?? {};
    if (region !== place.region || account !== place.accountId) {
      const expected = `acs:fc:${place.region}:${place.accountId}:services/<service>.<qualifier>/functions/<function>`;
      refuse(target, `Endpoint is not ${expected}, with or without the service.`);
    }
  }
  const keys = target.ParamList.map(({ ResourceKey }) => ResourceKey);
  if (new Set(keys).size < keys.length) refuse(target, 'ParamList names a ResourceKey twice.');
  for (const parameter of target.ParamList) checkParameter(target, parameter);
}

function checkParameter(target: RuleTarget, { ResourceKey, Form, Value, Template }: TargetParameter): void {
  if (Form === 'CONSTANT' && Value === undefined) refuse(target, `${ResourceKey}: CONSTANT needs Value.`);
  if (Form === 'JSONPATH' && !parseJsonPath(Value ?? '')) {
    refuse(target, `${ResourceKey}: JSONPATH needs one path as Value, such as $.data.name.`);
  }
  if (Form === 'TEMPLATE' && (Template === undefined || !parseVariables(Value))) {
    refuse(target, `${ResourceKey}: TEMPLATE needs Template, and a flat JSON object of variables as Value.`);
  }
}

/** The variables of a TEMPLATE; undefined if the text is not a flat JSON object. */
export function parseVariables(text: string | undefined): z.infer<typeof templateVariablesSchema> | undefined {
  try {
    return templateVariablesSchema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

function refuse(target: RuleTarget, what: string): never {
  throw new EventBridgeError(409, 'EventTargetIneffectiveAttribute', `The event target [${target.Id}]: ${what}`);
}
