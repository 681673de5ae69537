import { z } from 'zod';
import { TOKEN_LIFE_SECONDS } from '../access-tokens.ts';
import { NewApiError } from '../api-errors.ts';
import { type Operation, parseBody } from '../operation.ts';

const BodySchema = z.object({ appKey: z.string(), appSecret: z.string() });
const WRONG_PAIR: [string, string] = ['invalidClientIdOrSecret', '无效的clientId或者clientSecret'];

/** https://open.dingtalk.com/document/development/obtain-the-access-token-of-an-internal-app */
export const getAccessToken: Operation = {
  name: 'accessToken',
  method: 'POST',
  path: '/v1.0/oauth2/accessToken',
  pot: 'free',
  needsToken: false,
  answer({ tokens }, request) {
    const { appKey, appSecret } = parseBody(request, BodySchema, { other: WRONG_PAIR });
    const accessToken = tokens.issue(appKey, appSecret);
    if (!accessToken) throw new NewApiError(...WRONG_PAIR);
    return { accessToken, expireIn: TOKEN_LIFE_SECONDS };
  },
};
