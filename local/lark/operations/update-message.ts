import { z } from 'zod';
import { existingMessage } from '../existing-message.ts';
import { badMessage, checkContent, checkSize, messageAnswer } from '../message-answer.ts';
import { type Operation, parseBody } from '../operation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

const BodySchema = z.object({ msg_type: z.enum(['text', 'post']), content: z.string().min(1) });

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/update ; texts and posts only. */
export const updateMessage: Operation = {
  name: 'messages/update',
  method: 'PUT',
  path: 'im/v1/messages/:message_id',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ messages, organisation }, call) {
    const message = existingMessage(messages, call.path.message_id ?? '');
    const { msg_type, content } = parseBody(call, BodySchema, badMessage);
    if (message.msg_type !== msg_type) throw badMessage('msg_type is not that of the message');
    checkSize(msg_type, call.request.body.length);
    checkContent(msg_type, content);
    return { data: messageAnswer(messages.edit(message, content), organisation) };
  },
};
