import { z } from 'zod';
import { chatFor, receiveIdType } from '../chats.ts';
import { badMessage, checkContent, checkSize, messageAnswer } from '../message-answer.ts';
import { type Operation, parseBody } from '../operation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

export const MSG_TYPES = ['text', 'post', 'interactive'] as const;

const BodySchema = z.object({
  receive_id: z.string().min(1),
  msg_type: z.enum(MSG_TYPES),
  content: z.string().min(1),
  uuid: z.string().max(50).optional(),
});

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create */
export const sendMessage: Operation = {
  name: 'messages/create',
  method: 'POST',
  path: 'im/v1/messages',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ messages, organisation }, call) {
    const type = receiveIdType(call.request.query.get('receive_id_type'));
    if (!type) throw badMessage('receive_id_type');
    const { receive_id, uuid, msg_type, content } = parseBody(call, BodySchema, badMessage);
    checkSize(msg_type, call.request.body.length);
    const chat = chatFor(organisation, type, receive_id);
    checkContent(msg_type, content);
    const message = messages.post({ ...chat, sender: 'app', msg_type, content, ...(uuid ? { uuid } : {}) });
    return { data: messageAnswer(message, organisation) };
  },
};
