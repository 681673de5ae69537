import type * as z from 'zod/mini';
import { pairOf } from '../../config/environment.ts';
import type { ApprovalReader } from '../platform.ts';
import type { PlatformTools } from '../tools.ts';
import { answerInGroup } from './app-bot.ts';
import { approvalLink } from './approval-link.ts';
import { createLarkClient, type LarkClient } from './client.ts';
import { type appEnvironmentSchema, endpointOf, START_APP } from './environment.ts';
import { readApproval, userName } from './read-approval.ts';
import { startApproval } from './start-approval.ts';

/** Reads approvals, and serves groups, of the app that the environment names. */
export function createLarkReader(
  environment: z.infer<typeof appEnvironmentSchema>,
  tools: PlatformTools,
): ApprovalReader & { client: LarkClient } {
  const { LARK_APP_ID: appId, LARK_APP_SECRET: appSecret } = environment;
  const endpoint = endpointOf(environment);
  const open = (id: string, secret: string) =>
    createLarkClient({ appId: id, appSecret: secret, endpoint }, tools.http, tools.clock);
  const client = open(appId, appSecret);
  const startApp = pairOf(environment, START_APP);
  const starter = startApp && open(...startApp);
  return {
    name: 'lark',
    tenant: environment.LARK_TENANT_KEY ?? appId,
    readApproval: (hint, signal) => readApproval(client, hint, signal),
    personName: (id, signal) => userName(client, id, signal),
    desk: {
      approvalLink: (instanceId) => approvalLink(environment.LARK_DOMAIN, instanceId),
      start: (approval) => startApproval({ client, starter }, approval),
      answer: ({ message_id }, text, key) => answerInGroup(client, message_id, text, key),
    },
    client,
  };
}
