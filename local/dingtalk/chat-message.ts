import { z } from 'zod';

/** What a message came from: a webhook, the app's own robot, a card, or the robot in a chat with one person. */
export const MESSAGE_KINDS = ['customRobot', 'enterpriseRobot', 'card', 'directMessage'] as const;

/** A message as it is stored. A card's contents are not in it: they change. */
export const ChatMessageSchema = z.object({
  id: z.string(),
  kind: z.enum(MESSAGE_KINDS).default('customRobot'),
  /** The name of the group, or of the person who alone sees a direct message. */
  chat: z.string(),
  openConversationId: z.string().optional(),
  /** Set where one person alone sees it. */
  userId: z.string().optional(),
  /** Which robot: the code of the app's own one, or a digest of a custom robot's access token. */
  robot: z.string(),
  time: z.number(),
  msgtype: z.enum(['text', 'markdown', 'link', 'actionCard', 'feedCard', 'image', 'audio', 'file', 'video', 'card']),
  /** What the notification shows; empty for a text message. */
  title: z.string(),
  text: z.string(),
  /** The links of a link, card or feed message. */
  buttons: z.array(z.object({ title: z.string(), url: z.string() })),
  at: z.object({ mobiles: z.array(z.string()), userIds: z.array(z.string()), everybody: z.boolean() }),
  msgUuid: z.string().optional(),
  /** The id an app got for it; one for all the direct messages of a call. */
  processQueryKey: z.string().optional(),
  outTrackId: z.string().optional(),
});
export type StoredMessage = z.output<typeof ChatMessageSchema>;

/** The present values of a card, and all that it has shown. */
export interface ShownCard {
  outTrackId: string;
  cardTemplateId: string;
  values: Record<string, string>;
  /** What single people see instead, by userId. */
  privateValues: Record<string, Record<string, string>>;
  /** How often it was changed after it was created. */
  updates: number;
  /** Every state from the first to the present one. */
  history: { time: number; by: 'create' | 'update' | 'callback'; values: Record<string, string> }[];
}

/** A message as people see it now: of a card, `title` is its value of that name and `text` all the other values. */
export interface ChatMessage extends StoredMessage {
  card?: ShownCard;
}

export type MessageContent = Pick<StoredMessage, 'msgtype' | 'title' | 'text' | 'buttons' | 'at' | 'msgUuid'>;

/** Where a message is shown. */
export type Place = Pick<StoredMessage, 'chat' | 'openConversationId' | 'userId'>;

export const NOBODY_CALLED: MessageContent['at'] = { mobiles: [], userIds: [], everybody: false };
