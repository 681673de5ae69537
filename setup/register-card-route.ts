import * as z from 'zod/mini';
import type { DingtalkClient } from '../shared/platforms/dingtalk/client.ts';

/** Where DingTalk sends presses on the cards that name `route`, signed with `secret`. */
export interface CardRoute {
  route: string;
  url: string;
  secret: string;
}

const registeredSchema = z.object({ success: z.union([z.literal(true), z.literal('true')]) });

/** Also in place of an address that was there: https://open.dingtalk.com/document/development/register-card-callback-address */
export async function registerCardRoute(client: DingtalkClient, { route, url, secret }: CardRoute): Promise<void> {
  const body = { callbackRouteKey: route, callbackUrl: url, apiSecret: secret, forceUpdate: true };
  await client.call({ method: 'POST', path: '/v1.0/card/callbacks/register', body }, registeredSchema);
}
