import * as z from 'zod';
import { messageKey } from '../../functions/notify/living-message.ts';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { callHttp } from '../../shared/http/call.ts';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import { PROGRESS_SYMBOLS } from '../../shared/message/render-progress.ts';

const messagesSchema = z.array(
  z.object({
    platform: z.enum(PLATFORM_NAMES),
    chat: z.string(),
    title: z.string(),
    /** As a person reads it, the title first. */
    text: z.string(),
    /** How often it has changed. */
    updates: z.number(),
    answers: z.string().optional(),
    key: z.string().optional(),
  }),
);
export type ShownMessage = z.infer<typeof messagesSchema>[number];

/** What the groups were told at the end of this request. */
export async function readMessages(cloud: CloudDescription, requestId: string): Promise<ShownMessage[]> {
  const answer = await callHttp({
    service: 'control',
    method: 'GET',
    url: `${cloud.control.url}/messages`,
    headers: { authorization: `Bearer ${cloud.control.token}` },
    maxAnswerBytes: 64 * 1024 * 1024,
  });
  const messages = messagesSchema.parse(parseJson(answer.body));
  return messages.filter((message) => isAbout(message, requestId) && !isOnItsWay(message));
}

/** By its key, or where the way to the chat knows no keys by the reference that every message has. */
function isAbout({ key, chat, text }: ShownMessage, requestId: string): boolean {
  if (key === undefined) return text.includes(`${requestId}，`) || text.includes(`${requestId}, `);
  return key === messageKey(requestId, `${chat} end`) || key === messageKey(requestId, chat);
}

function isOnItsWay({ title }: ShownMessage): boolean {
  return Object.values(PROGRESS_SYMBOLS).some((symbol) => title.startsWith(symbol));
}
