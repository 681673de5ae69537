import { TOKEN_LIFE_SECONDS } from '../access-tokens.ts';
import { OldApiError } from '../api-errors.ts';
import type { Operation } from '../operation.ts';

/** https://open.dingtalk.com/document/development/obtain-orgapp-token ; its error codes were seen from the real service. */
export const getToken: Operation = {
  name: 'gettoken',
  method: 'GET',
  path: '/gettoken',
  pot: 'free',
  needsToken: false,
  answer({ tokens }, { query }) {
    const appKey = query.get('appkey');
    if (!appKey) throw new OldApiError(40035, '缺少参数 corpid or appkey');
    const token = tokens.issue(appKey, query.get('appsecret') ?? '');
    if (!token) throw new OldApiError(40096, '不合法的appKey或appSecret');
    return { access_token: token, expires_in: TOKEN_LIFE_SECONDS };
  },
};
