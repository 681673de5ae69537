import { z } from 'zod';
import { LarkError } from '../api-error.ts';
import { chatFor } from '../chats.ts';
import { existingMessage } from '../existing-message.ts';
import { derivedId } from '../ids.ts';
import { badMessage, checkContent, checkSize, messageAnswer } from '../message-answer.ts';
import { type Operation, parseBody } from '../operation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';
import { MSG_TYPES } from './send-message.ts';

const BodySchema = z.object({
  msg_type: z.enum(MSG_TYPES),
  content: z.string().min(1),
  reply_in_thread: z.boolean().default(false),
  uuid: z.string().max(50).optional(),
});

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/reply */
export const replyMessage: Operation = {
  name: 'messages/reply',
  method: 'POST',
  path: 'im/v1/messages/:message_id/reply',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ messages, organisation }, call) {
    const parent = existingMessage(messages, call.path.message_id ?? '');
    if (parent.deleted) throw new LarkError(230011, 'The message is recalled.');
    const { msg_type, content, reply_in_thread, uuid } = parseBody(call, BodySchema, badMessage);
    checkSize(msg_type, call.request.body.length);
    checkContent(msg_type, content);
    const root_id = parent.root_id ?? parent.message_id;
    const inThread = reply_in_thread || parent.thread_id !== undefined;
    const message = messages.post({
      ...chatFor(organisation, 'chat_id', parent.chat_id),
      sender: 'app',
      msg_type,
      content,
      root_id,
      parent_id: parent.message_id,
      ...(inThread ? { thread_id: parent.thread_id ?? derivedId('omt_', root_id) } : {}),
      ...(uuid ? { uuid } : {}),
    });
    return { data: messageAnswer(message, organisation) };
  },
};
