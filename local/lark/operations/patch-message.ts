import { z } from 'zod';
import { LarkError } from '../api-error.ts';
import { existingMessage } from '../existing-message.ts';
import { badMessage, checkSize } from '../message-answer.ts';
import { type Operation, parseBody } from '../operation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

const BodySchema = z.object({ content: z.string().min(1) });

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/patch ; cards only. */
export const patchMessage: Operation = {
  name: 'messages/patch',
  method: 'PATCH',
  path: 'im/v1/messages/:message_id',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ messages }, call) {
    const message = existingMessage(messages, call.path.message_id ?? '');
    if (message.msg_type !== 'interactive') throw badMessage('message is not a card');
    if (message.sender !== 'app') throw new LarkError(230027, 'Lack of necessary permissions.');
    const { content } = parseBody(call, BodySchema, badMessage);
    checkSize('interactive', call.request.body.length);
    messages.patch(message, content);
    return { msg: 'ok', data: {} };
  },
};
