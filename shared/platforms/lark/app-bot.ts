import * as z from 'zod/mini';
import { PermanentError } from '../../errors.ts';
import type { OutgoingMessage } from '../../message/outgoing-message.ts';
import type { Channel } from '../platform.ts';
import { cardOf } from './card.ts';
import type { LarkClient } from './client.ts';

/** A request takes 30 KB, and the card is JSON text within JSON. */
const MAX_BYTES = 14_000;
/** Five changes a second are taken for fourteen days; people are helped by fewer. */
const MAX_UPDATES = 20;
/** The message was recalled, or deleted. */
const GONE = ['lark.230011', 'lark.230110'];
const sentSchema = z.object({ message_id: z.string().check(z.regex(/^[\w-]{1,128}$/)) });

/**
 * The app's own bot in a group. The key holds for an hour: a card sent again under it in that time is the first one.
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create and …/message/patch
 */
export function groupBot(client: LarkClient, chatId: string): Channel {
  return {
    maxBytes: MAX_BYTES,
    maxUpdates: MAX_UPDATES,
    isLimited: false,
    hasButtons: true,
    post: (message) => postCard(client, chatId, message),
    update: async (id, message) => {
      const body = { content: JSON.stringify(cardOf(message)) };
      await client.call({ method: 'PATCH', path: `/open-apis/im/v1/messages/${id}`, body }, z.unknown());
    },
  };
}

/** In private, to each of these people by open id. */
export async function tellPeople(
  client: LarkClient,
  people: readonly string[],
  message: OutgoingMessage,
): Promise<void> {
  for (const person of people) await sendCard(client, 'open_id', person, message);
}

/**
 * Plain text as a reply to a message. The key holds for an hour.
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/reply
 */
export async function answerInGroup(client: LarkClient, messageId: string, text: string, key: string): Promise<void> {
  await reply(client, messageId, { msg_type: 'text', content: JSON.stringify({ text }), uuid: key });
}

/** A card as a reply to the message that it answers; where that one is gone by now, a card of its own. */
async function postCard(client: LarkClient, chatId: string, message: OutgoingMessage): Promise<string> {
  if (message.replyTo === undefined) return sendCard(client, 'chat_id', chatId, message);
  try {
    return await reply(client, message.replyTo, cardBody(message));
  } catch (error) {
    if (!(error instanceof PermanentError) || !GONE.includes(error.code)) throw error;
    return sendCard(client, 'chat_id', chatId, message);
  }
}

async function reply(client: LarkClient, messageId: string, body: object): Promise<string> {
  const path = `/open-apis/im/v1/messages/${encodeURIComponent(messageId)}/reply`;
  return (await client.call({ method: 'POST', path, body }, sentSchema)).message_id;
}

async function sendCard(
  client: LarkClient,
  idType: string,
  receiver: string,
  message: OutgoingMessage,
): Promise<string> {
  const path = '/open-apis/im/v1/messages';
  const body = { receive_id: receiver, ...cardBody(message) };
  const request = { method: 'POST', path, query: { receive_id_type: idType }, body } as const;
  return (await client.call(request, sentSchema)).message_id;
}

function cardBody(message: OutgoingMessage) {
  const content = JSON.stringify(cardOf(message));
  return { msg_type: 'interactive', content, uuid: message.idempotencyKey };
}
