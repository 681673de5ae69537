import type { Workflows } from '../shared/workflows/schema.ts';

/** A group of every kind: what stays as it is and what lives, what knows a key for a repeat and what does not. */
const CHATS = {
  webhooks: {
    dingtalk: { robot: { access_token: 'chaos-robot', secret: 'SECchaos' } },
    lark: { bot: { token: 'chaos-bot', secret: 'chaos-bot-secret' } },
  },
  robots: {
    dingtalk: { group: { conversation: 'cidROBOTS==' } },
    lark: { chat_id: 'oc_robots' },
  },
  cards: {
    dingtalk: { group: { conversation: 'cidCARDS==', card_template: 'chaos-card.schema' } },
    lark: { chat_id: 'oc_cards' },
  },
} as const;
export type ChatName = keyof typeof CHATS;
export const CHAT_NAMES = ['webhooks', 'robots', 'cards'] as const satisfies readonly ChatName[];
/** Where the app's own robot is, so that people can ask it. */
export const GROUPS = ['robots', 'cards'] as const satisfies readonly ChatName[];

/** Everybody chooses the group with the form. */
const CHAT = { field: { dingtalk: 'DDSelectField-CHAT', lark: 'chat' }, one_of: [...CHAT_NAMES] };
/** What people pay for where there are so many approvals in a month. */
const QUOTA = { dingtalk: { api: 100_000, webhook: 50_000 }, lark: { api: 100_000, webhook: 50_000 } };

/** Flows post approvals too. */
const HTTP_SOURCE = {
  daily_lookups: 1_000,
  dingtalk: { instance_id: 'body.审批' },
  lark: { instance_id: 'body.审批' },
};

/** The workflows of the file, told in every kind of chat of either platform, and asked for in each group. */
export function everyWay(file: Workflows): object {
  const workflows = Object.entries(file.workflows).map(([name, workflow]) => [
    name,
    {
      ...workflow,
      ...(workflow.words && { chats: [...GROUPS] }),
      parameters: { ...workflow.parameters, chat: CHAT },
      chat: { parameter: 'chat', dingtalk: 'webhooks', lark: 'cards' },
    },
  ]);
  return { ...file, chats: CHATS, quota: QUOTA, http_source: HTTP_SOURCE, workflows: Object.fromEntries(workflows) };
}
