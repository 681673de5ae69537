import { z } from 'zod';
import { cardError } from '../card-data.ts';
import { type Operation, parseBody } from '../operation.ts';

const BodySchema = z.object({
  callbackRouteKey: z.string().min(1),
  callbackUrl: z.string().min(1),
  apiSecret: z.string().nullish(),
  forceUpdate: z.boolean().nullish(),
});
const UrlSchema = z.url({ protocol: /^https?$/ });

/** https://open.dingtalk.com/document/development/register-card-callback-address */
export const registerCardCallback: Operation = {
  name: 'card/callbacks/register',
  method: 'POST',
  path: '/v1.0/card/callbacks/register',
  pot: 'apiCalls',
  needsToken: true,
  answer({ cardRoutes }, request) {
    const { callbackRouteKey, callbackUrl, apiSecret, forceUpdate } = parseBody(request, BodySchema, {
      callbackRouteKey: ['param.callbackRouteKeyEmpty', 'param.callbackRouteKeyEmpty'],
      callbackUrl: ['param.callbackUrlEmpty', 'param.callbackUrlEmpty'],
      other: ['param.invalid', 'param.invalid'],
    });
    if (!UrlSchema.safeParse(callbackUrl).success) throw cardError('param.invalid');
    if (cardRoutes.get(callbackRouteKey) && !forceUpdate) throw cardError('param.callbackRouteKeyExist', 500);
    cardRoutes.put({ callbackRouteKey, callbackUrl, ...(apiSecret ? { apiSecret } : {}) });
    return { success: true, result: { callbackUrl, apiSecret: apiSecret ?? '' } };
  },
};
