import { readVariables } from '../../config/environment.ts';
import type { Workflows } from '../../workflows/schema.ts';
import type { Messenger } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { messengerEnvironmentSchema } from './environment.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { sendRobotMessage } from './robot.ts';

export function createDingtalkMessenger(
  variables: Variables,
  chats: Workflows['chats'],
  tools: PlatformTools,
): Messenger {
  const environment = readVariables(messengerEnvironmentSchema, variables);
  return {
    name: 'dingtalk',
    // https://open.dingtalk.com/document/development/open-approval-details
    approvalLink: (instanceId) =>
      `https://applink.dingtalk.com/approval/detail?${new URLSearchParams({ corpId: environment.DINGTALK_CORP_ID, instanceId })}`,
    escape: escapeMarkdown,
    channel: (chat) => {
      const robot = chats[chat]?.dingtalk?.robot;
      if (!robot) return undefined;
      const config = { accessToken: robot.access_token, secret: robot.secret };
      return (message) =>
        sendRobotMessage(config, message, { ...tools, oapiEndpoint: environment.DINGTALK_OAPI_ENDPOINT });
    },
  };
}
