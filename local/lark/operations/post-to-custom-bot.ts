import type { Operation } from '../operation.ts';

/** https://open.feishu.cn/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN ; answers HTTP 200 whatever happens. */
export const postToCustomBot: Operation = {
  name: 'bot/hook',
  method: 'POST',
  path: 'bot/v2/hook/:token',
  needsToken: false,
  answer({ customBots }, { path, request }) {
    customBots.post(path.token ?? '', request.body);
    return { StatusCode: 0, StatusMessage: 'success', data: {} };
  },
};
