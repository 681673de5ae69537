import { readVariables } from '../../config/environment.ts';
import { escapeMarkdown } from '../../message/escape-markdown.ts';
import type { Chat } from '../../workflows/chat-schema.ts';
import type { Workflows } from '../../workflows/schema.ts';
import { closedChannel } from '../app-wants.ts';
import { openChannels } from '../open-channels.ts';
import type { Channel, Messenger } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { groupBot, tellPeople } from './app-bot.ts';
import { approvalLink } from './approval-link.ts';
import { createLarkClient } from './client.ts';
import { commentOnApproval } from './comment.ts';
import { customBot } from './custom-bot.ts';
import { endpointOf, messengerEnvironmentSchema } from './environment.ts';

export function createLarkMessenger(variables: Variables, chats: Workflows['chats'], tools: PlatformTools): Messenger {
  const environment = readVariables(messengerEnvironmentSchema, variables);
  const endpoint = endpointOf(environment);
  const { LARK_APP_ID: appId, LARK_APP_SECRET: appSecret, LARK_DOMAIN: domain } = environment;
  const client =
    appSecret === undefined ? undefined : createLarkClient({ appId, appSecret, endpoint }, tools.http, tools.clock);
  const open = (name: string, { lark }: Chat): Channel | undefined => {
    if (lark?.bot) return customBot(lark.bot, { ...tools, endpoint });
    if (lark?.chat_id === undefined) return undefined;
    return client ? groupBot(client, lark.chat_id) : closedChannel('lark', name);
  };
  const channels = openChannels(chats, open);
  return {
    name: 'lark',
    approvalLink: (instanceId) => approvalLink(domain, instanceId),
    escape: escapeMarkdown,
    // https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create
    refusesContent: (code) => ['lark.230022', 'lark.230028'].includes(code),
    channel: (name) => channels.get(name),
    ...(client && {
      tell: (people, message) => tellPeople(client, people, message),
      comment: (instanceId, as, comment) => commentOnApproval(client, instanceId, as, comment),
    }),
  };
}
