import { z } from 'zod';
import { equalSecrets } from '../../signatures/equal-secrets.ts';
import { LarkError } from '../api-error.ts';
import { type Operation, parseBody } from '../operation.ts';

const BodySchema = z.object({ app_id: z.string().min(1), app_secret: z.string().min(1) });
const refuse = (code: number, msg: string) => new LarkError(code, msg, { status: 200 });

/**
 * https://open.feishu.cn/document/ukTMukTMukTM/ukDNz4SO0MjL5QzM/auth-v3/auth/tenant_access_token_internal
 * Its errors come with HTTP 200; the answer has no `data`.
 */
export const getTenantAccessToken: Operation = {
  name: 'tenant_access_token/internal',
  method: 'POST',
  path: 'auth/v3/tenant_access_token/internal',
  needsToken: false,
  answer({ tokens, organisation }, call) {
    const { app_id, app_secret } = parseBody(call, BodySchema, () => refuse(10003, 'invalid parameter'));
    const app = [organisation.app, ...organisation.otherApps].find((known) => equalSecrets(app_id, known.app_id));
    if (!app) throw refuse(10014, 'app unauthorized');
    if (!equalSecrets(app_secret, app.app_secret)) throw refuse(10015, 'wrong app secret');
    const { token, expire } = tokens.issue(app.app_id);
    return { msg: 'ok', tenant_access_token: token, expire };
  },
};
