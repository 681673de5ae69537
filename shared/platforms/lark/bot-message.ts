import * as z from 'zod/mini';
import { parseJson } from '../../json.ts';
import type { Question } from '../desk.ts';

/** The event of a message in which the bot is mentioned, or that is written to it alone. */
export const BOT_MESSAGE = 'im.message.receive_v1';

const id = z.string().check(z.regex(/^[\w-]{1,128}$/));
/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/events/receive */
const eventSchema = z.object({
  sender: z.object({ sender_id: z.object({ open_id: id }), sender_type: z.string() }),
  message: z.object({
    message_id: id,
    chat_id: id,
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    mentions: z.optional(z.nullable(z.array(z.object({ key: z.string() })))),
  }),
});
const textSchema = z.object({ text: z.string() });

/** What somebody asks in a group; anything else with the reason why it is none of our business. */
export function readBotMessage(event: unknown): Question | { reason: string } {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return { reason: 'not a message to a bot' };
  const { sender, message } = parsed.data;
  if (sender.sender_type !== 'user')
    return { reason: `the sender is ${sender.sender_type.slice(0, 32)}, not a person` };
  if (!message.chat_type.endsWith('group')) return { reason: 'the message is not from a group' };
  const content = textSchema.safeParse(parseJson(message.content));
  if (message.message_type !== 'text' || !content.success)
    return { reason: `the message is ${message.message_type.slice(0, 32)}, not text` };
  // Whoever is mentioned stands in the text as a placeholder.
  const keys = (message.mentions ?? []).map(({ key }) => key).sort((a, b) => b.length - a.length);
  const text = keys.reduce((rest, key) => rest.replaceAll(key, ' '), content.data.text);
  return { conversation: message.chat_id, message_id: message.message_id, sender: sender.sender_id.open_id, text };
}
