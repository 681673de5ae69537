import { readVariables } from '../../config/environment.ts';
import { escapeMarkdown } from '../../message/escape-markdown.ts';
import { joinBlocks } from '../../message/outgoing-message.ts';
import type { Chat } from '../../workflows/chat-schema.ts';
import type { Workflows } from '../../workflows/schema.ts';
import { closedChannel } from '../app-wants.ts';
import { openChannels } from '../open-channels.ts';
import type { Channel, Messenger } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { approvalLink } from './approval-link.ts';
import { groupCard } from './card.ts';
import { createDingtalkClient, type DingtalkClient } from './client.ts';
import { commentOnApproval } from './comment.ts';
import { messengerEnvironmentSchema } from './environment.ts';
import { groupRobot, tellPeople } from './group-robot.ts';
import { type RobotConfig, sendRobotMessage } from './robot.ts';

/** The app that speaks where a custom robot cannot. */
interface App {
  client: DingtalkClient;
  /** Unless a chat names another: https://open.dingtalk.com/document/development/the-robot-sends-a-group-message */
  robotCode: string;
  /** The key of the address for presses on cards. */
  cardRoute: string | undefined;
}

export function createDingtalkMessenger(
  variables: Variables,
  chats: Workflows['chats'],
  tools: PlatformTools,
): Messenger {
  const environment = readVariables(messengerEnvironmentSchema, variables);
  const app = appOf(environment, tools);
  const oapiEndpoint = environment.DINGTALK_OAPI_ENDPOINT;
  const open = (name: string, chat: Chat): Channel | undefined => {
    const group = chat.dingtalk?.group;
    if (group) return app ? ofGroup(app, group) : closedChannel('dingtalk', name);
    const robot = chat.dingtalk?.robot;
    return robot && customRobot({ accessToken: robot.access_token, secret: robot.secret }, { ...tools, oapiEndpoint });
  };
  const channels = openChannels(chats, open);
  return {
    name: 'dingtalk',
    approvalLink: (instanceId) => approvalLink(environment.DINGTALK_CORP_ID, instanceId),
    escape: escapeMarkdown,
    // https://open.dingtalk.com/document/development/custom-robots-send-group-messages
    refusesContent: (code) => /^dingtalk\.(43010[1-4]$|(.*\.)?contain\.)/.test(code),
    channel: (name) => channels.get(name),
    ...(app && {
      tell: (people, message) => tellPeople(app.client, app.robotCode, people, message),
      comment: (instanceId, as, comment) => commentOnApproval(app.client, instanceId, as, comment),
    }),
  };
}

function appOf(
  {
    DINGTALK_APP_KEY: appKey,
    DINGTALK_APP_SECRET: appSecret,
    DINGTALK_API_ENDPOINT: apiEndpoint,
    DINGTALK_OAPI_ENDPOINT: oapiEndpoint,
    DINGTALK_CARD_ROUTE: cardRoute,
  }: ReturnType<typeof messengerEnvironmentSchema.parse>,
  { http, clock }: PlatformTools,
): App | undefined {
  if (appKey === undefined || appSecret === undefined) return undefined;
  return {
    client: createDingtalkClient({ appKey, appSecret, apiEndpoint, oapiEndpoint }, http, clock),
    robotCode: appKey,
    cardRoute,
  };
}

function ofGroup(
  { client, robotCode, cardRoute: route }: App,
  group: { conversation: string; robot_code?: string | undefined; card_template?: string | undefined },
): Channel {
  const place = { conversation: group.conversation, robotCode: group.robot_code ?? robotCode };
  if (group.card_template === undefined) return groupRobot(client, place);
  return groupCard(client, { ...place, template: group.card_template, route });
}

/** 20,000 bytes are taken; the rest is the title and what stands around. */
const MAX_BYTES = 18_000;

function customRobot(robot: RobotConfig, tools: Parameters<typeof sendRobotMessage>[2]): Channel {
  return {
    maxBytes: MAX_BYTES,
    maxUpdates: 0,
    isLimited: true,
    post: async ({ title, blocks, mention, idempotencyKey }) => {
      const called = mention.length === 0 ? '' : `\n\n${mention.map((id) => `@${id}`).join(' ')}`;
      const text = `### ${title}\n\n${joinBlocks(blocks)}${called}`;
      await sendRobotMessage(robot, { title, text, idempotencyKey, at: mention }, tools);
      return '';
    },
  };
}
