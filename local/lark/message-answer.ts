import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { LarkError } from './api-error.ts';
import { checkCard } from './card.ts';
import type { Message } from './messages.ts';
import type { Organisation } from './organisation.ts';

const MAX_TEXT_BYTES = 150 * 1024;
const MAX_CARD_BYTES = 30 * 1024;

const TextSchema = z.object({ text: z.string().min(1) });
const PostSchema = z.record(z.string(), z.looseObject({ content: z.array(z.array(z.unknown())) }));

export function badMessage(ext: string): LarkError {
  return new LarkError(230001, `Your request contains an invalid request parameter. ext=${ext}`);
}

/** Of the whole request, in bytes. */
export function checkSize(msgType: string, bytes: number): void {
  if (bytes <= (msgType === 'text' ? MAX_TEXT_BYTES : MAX_CARD_BYTES)) return;
  throw new LarkError(230025, 'The length of the message content reaches its limit.');
}

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/im-v1/message/create_json */
export function checkContent(msgType: string, content: string): void {
  if (msgType === 'interactive') checkCard(content);
  else if (msgType === 'text' && !parseJson(TextSchema, content)) throw badMessage('content is not a text in JSON');
  else if (msgType === 'post' && !parseJson(PostSchema, content)) throw badMessage('content is not a post in JSON');
}

/** A message as calls of the API answer with it. */
export function messageAnswer(message: Message, { app, tenant_key }: Organisation) {
  const { message_id, root_id, parent_id, thread_id, msg_type, chat_id, content, deleted, updates } = message;
  return {
    message_id,
    ...(root_id ? { root_id, parent_id } : {}),
    ...(thread_id ? { thread_id } : {}),
    msg_type,
    create_time: String(message.create_time),
    update_time: String(message.update_time),
    deleted,
    updated: updates > 0,
    chat_id,
    sender: { id: app.app_id, id_type: 'app_id', sender_type: 'app', tenant_key },
    body: { content: deleted ? 'This message was recalled' : content },
  };
}
