import type * as z from 'zod/mini';
import type { ApprovalReader } from '../platform.ts';
import type { PlatformTools } from '../tools.ts';
import { createLarkClient, type LarkClient } from './client.ts';
import { type appEnvironmentSchema, endpointOf } from './environment.ts';
import { readApproval, userName } from './read-approval.ts';

/** Reads approvals of the app that the environment names. */
export function createLarkReader(
  environment: z.infer<typeof appEnvironmentSchema>,
  tools: PlatformTools,
): ApprovalReader & { client: LarkClient } {
  const { LARK_APP_ID: appId, LARK_APP_SECRET: appSecret } = environment;
  const client = createLarkClient({ appId, appSecret, endpoint: endpointOf(environment) }, tools.http, tools.clock);
  return {
    name: 'lark',
    tenant: environment.LARK_TENANT_KEY ?? appId,
    readApproval: (hint, signal) => readApproval(client, hint, signal),
    personName: (id, signal) => userName(client, id, signal),
    client,
  };
}
