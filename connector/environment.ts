import * as z from 'zod/mini';
import {
  EnvironmentError,
  environmentSchema,
  isSet,
  readVariables,
  textVariable,
} from '../shared/config/environment.ts';
import type { PlatformName } from '../shared/ids.ts';
import { appEnvironmentSchema as dingtalkSchema } from '../shared/platforms/dingtalk/environment.ts';
import { appEnvironmentSchema as larkSchema } from '../shared/platforms/lark/environment.ts';
import type { Variables } from '../shared/platforms/tools.ts';
import { isReference } from '../shared/secrets/references.ts';

/** What Function Compute gives a function with each call, and a process of its own has to be told. */
const cloudSchema = z.extend(environmentSchema, {
  ALIBABA_CLOUD_ACCESS_KEY_ID: textVariable,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: textVariable,
  /** Only with temporary keys. They are read once: the process must be started again before they end. */
  ALIBABA_CLOUD_SECURITY_TOKEN: z.optional(textVariable),
  ALIBABA_CLOUD_REGION_ID: z
    .string()
    .check(z.regex(/^[a-z]{2}-[a-z0-9-]{2,30}$/, 'must be a region such as cn-hangzhou')),
  ALIBABA_CLOUD_ACCOUNT_ID: z.string().check(z.regex(/^\d{1,20}$/, 'must be the number of the account')),
  CONNECTOR_HOST: z._default(textVariable, '127.0.0.1'),
  CONNECTOR_PORT: z._default(z.string().check(z.regex(/^\d{1,5}$/, 'must be the number of a port')), '7690'),
});
/** The SDK opens no connection for another form of id, and does not say so. */
const longConnectionSchema = z.extend(larkSchema, {
  LARK_APP_ID: z.string().check(z.regex(/^cli_[0-9a-fA-F]{16}$/, 'must be cli_ and 16 hex digits')),
});

/** The variables by which an environment says that it means a platform. */
const MEANT_BY: Record<PlatformName, readonly string[]> = {
  dingtalk: ['DINGTALK_APP_KEY', 'DINGTALK_APP_SECRET', 'DINGTALK_CORP_ID'],
  lark: ['LARK_APP_ID', 'LARK_APP_SECRET'],
};

export interface ConnectorEnvironment {
  cloud: z.infer<typeof cloudSchema>;
  dingtalk: z.infer<typeof dingtalkSchema> | undefined;
  lark: z.infer<typeof longConnectionSchema> | undefined;
}

/** Reads all that the connector needs; throws an EnvironmentError that names every variable that is missing or wrong. */
export function readConnectorEnvironment(variables: Variables): ConnectorEnvironment {
  refuseReferences(variables);
  const isMeant = (name: PlatformName) => MEANT_BY[name].some((variable) => isSet(variables[variable]));
  const [dingtalk, lark] = [isMeant('dingtalk'), isMeant('lark')];
  if (!dingtalk && !lark) {
    const sets = `${MEANT_BY.dingtalk.join(', ')} (dingtalk), or ${MEANT_BY.lark.join(', ')} (lark)`;
    throw new EnvironmentError(`the connector's environment is wrong: no platform is configured; set ${sets}`);
  }
  const wanted = {
    ...cloudSchema.shape,
    ...(dingtalk && dingtalkSchema.shape),
    ...(lark && longConnectionSchema.shape),
  };
  readVariables(z.object(wanted), variables, 'connector');
  return {
    cloud: readVariables(cloudSchema, variables, 'connector'),
    dingtalk: dingtalk ? readVariables(dingtalkSchema, variables, 'connector') : undefined,
    lark: lark ? readVariables(longConnectionSchema, variables, 'connector') : undefined,
  };
}

/** Only functions read from KMS: taken for the secret itself, a reference would be refused by the platform much later. */
function refuseReferences(variables: Variables): void {
  const references = Object.keys(variables).filter((name) => isReference(variables[name] ?? ''));
  if (references.length === 0) return;
  throw new EnvironmentError(
    `the connector's environment is wrong: it reads no secrets from KMS, but ${references.join(', ')} refers to one; give it the value`,
  );
}
