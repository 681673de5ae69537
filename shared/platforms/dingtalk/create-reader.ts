import type * as z from 'zod/mini';
import type { ApprovalReader } from '../platform.ts';
import type { PlatformTools } from '../tools.ts';
import { createDingtalkClient, type DingtalkClient } from './client.ts';
import type { appEnvironmentSchema } from './environment.ts';
import { readApproval, userName } from './read-approval.ts';

/** Reads approvals of the app that the environment names. */
export function createDingtalkReader(
  environment: z.infer<typeof appEnvironmentSchema>,
  tools: PlatformTools,
): ApprovalReader & { client: DingtalkClient } {
  const client = createDingtalkClient(
    {
      appKey: environment.DINGTALK_APP_KEY,
      appSecret: environment.DINGTALK_APP_SECRET,
      apiEndpoint: environment.DINGTALK_API_ENDPOINT,
      oapiEndpoint: environment.DINGTALK_OAPI_ENDPOINT,
    },
    tools.http,
    tools.clock,
  );
  return {
    name: 'dingtalk',
    tenant: environment.DINGTALK_CORP_ID,
    readApproval: (hint, signal) => readApproval({ client, clock: tools.clock }, hint, signal),
    personName: (id, signal) => userName(client, id, signal),
    client,
  };
}
