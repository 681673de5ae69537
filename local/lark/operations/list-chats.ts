import { LarkError } from '../api-error.ts';
import { type Operation, pageOf } from '../operation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/chat/list ; the groups the app's bot is in. */
export const listChats: Operation = {
  name: 'chats/list',
  method: 'GET',
  path: 'im/v1/chats',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ organisation: { chats, tenant_key } }, call) {
    const own = chats.filter(({ bot }) => bot);
    const paged = pageOf(own, call, { default: 20, max: 100 });
    if (!paged) throw new LarkError(232001, 'Your request contains an invalid request parameter.');
    const items = paged.page.map(({ chat_id, name, external, dissolved }) => ({
      chat_id,
      avatar: '',
      name,
      description: '',
      external,
      tenant_key,
      chat_status: dissolved ? 'dissolved' : 'normal',
    }));
    return { data: { items, ...paged.rest } };
  },
};
