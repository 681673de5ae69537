import { existingMessage } from '../existing-message.ts';
import { messageAnswer } from '../message-answer.ts';
import type { Operation } from '../operation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/get */
export const getMessage: Operation = {
  name: 'messages/get',
  method: 'GET',
  path: 'im/v1/messages/:message_id',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ messages, organisation }, { path }) {
    const message = existingMessage(messages, path.message_id ?? '');
    return { data: { items: [messageAnswer(message, organisation)] } };
  },
};
