import type { LarkEvent } from './approval-events.ts';
import { derivedId } from './ids.ts';
import type { Message } from './messages.ts';
import { findUser, type Organisation, personIds } from './organisation.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/events/receive */
export function botMessageEvent(message: Message, userId: string, organisation: Organisation): LarkEvent {
  const { tenant_key, app } = organisation;
  const ids = (id: string) => ({ ...personIds(organisation, id), union_id: findUser(organisation, id)?.union_id });
  const { message_id, chat_id, msg_type, content } = message;
  const time = String(message.create_time);
  const bot = { open_id: derivedId('ou_', app.app_id, 'bot'), union_id: '', user_id: '' };
  const event = {
    sender: { sender_id: ids(userId), sender_type: 'user', tenant_key },
    message: {
      message_id,
      create_time: time,
      update_time: time,
      chat_id,
      chat_type: 'group',
      message_type: msg_type,
      content,
      mentions: [{ key: '@_user_1', id: bot, name: 'approval-loop', tenant_key }],
    },
  };
  return { type: 'im.message.receive_v1', schema: '2.0', event };
}
