import * as z from 'zod/mini';
import type { OutgoingMessage } from '../../message/outgoing-message.ts';
import type { Channel } from '../platform.ts';
import { cardOf } from './card.ts';
import type { LarkClient } from './client.ts';

/** A request takes 30 KB, and the card is JSON text within JSON. */
const MAX_BYTES = 14_000;
/** Five changes a second are taken for fourteen days; people are helped by fewer. */
const MAX_UPDATES = 20;
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
    post: (message) => sendCard(client, 'chat_id', chatId, message),
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

async function sendCard(
  client: LarkClient,
  idType: string,
  receiver: string,
  message: OutgoingMessage,
): Promise<string> {
  const request = {
    method: 'POST',
    path: '/open-apis/im/v1/messages',
    query: { receive_id_type: idType },
    body: {
      receive_id: receiver,
      msg_type: 'interactive',
      content: JSON.stringify(cardOf(message)),
      uuid: message.idempotencyKey,
    },
  } as const;
  return (await client.call(request, sentSchema)).message_id;
}
