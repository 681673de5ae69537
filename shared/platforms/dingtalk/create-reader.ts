import type * as z from 'zod/mini';
import { pairOf } from '../../config/environment.ts';
import type { ApprovalReader } from '../platform.ts';
import type { PlatformTools } from '../tools.ts';
import { approvalLink } from './approval-link.ts';
import { createDingtalkClient, type DingtalkClient } from './client.ts';
import { type appEnvironmentSchema, START_APP } from './environment.ts';
import { answerInGroup } from './group-robot.ts';
import { readApproval, userName } from './read-approval.ts';
import { startApproval } from './start-approval.ts';

/** Reads approvals, and serves groups, of the app that the environment names. */
export function createDingtalkReader(
  environment: z.infer<typeof appEnvironmentSchema>,
  tools: PlatformTools,
): ApprovalReader & { client: DingtalkClient } {
  const endpoints = {
    apiEndpoint: environment.DINGTALK_API_ENDPOINT,
    oapiEndpoint: environment.DINGTALK_OAPI_ENDPOINT,
  };
  const open = (appKey: string, appSecret: string) =>
    createDingtalkClient({ appKey, appSecret, ...endpoints }, tools.http, tools.clock);
  const client = open(environment.DINGTALK_APP_KEY, environment.DINGTALK_APP_SECRET);
  const startApp = pairOf(environment, START_APP);
  const starter = startApp ? open(...startApp) : client;
  return {
    name: 'dingtalk',
    tenant: environment.DINGTALK_CORP_ID,
    readApproval: (hint, signal) => readApproval({ client, clock: tools.clock }, hint, signal),
    personName: (id, signal) => userName(client, id, signal),
    desk: {
      approvalLink: (instanceId) => approvalLink(environment.DINGTALK_CORP_ID, instanceId),
      start: (approval) => startApproval({ client, starter, clock: tools.clock }, approval),
      answer: ({ conversation, robot = environment.DINGTALK_APP_KEY }, text) =>
        answerInGroup(client, { robotCode: robot, conversation }, text),
    },
    client,
  };
}
