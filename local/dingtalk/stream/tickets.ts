import type { Clock } from '../../../shared/clock.ts';
import type { HttpRequest, HttpResponse } from '../../http/server.ts';
import { parseJson } from '../../parse-json.ts';
import { equalSecrets } from '../equal-secrets.ts';
import { OpenRequestSchema, type Subscription } from './frames.ts';

/** https://opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol : a ticket is for one connection. */
const TICKET_LIVES_MS = 90_000;

export const OPEN_PATH = '/v1.0/gateway/connections/open';
export const CONNECT_PATH = '/connect';

export interface Tickets {
  /** `POST /v1.0/gateway/connections/open`: credentials against an address and a ticket. */
  open(request: HttpRequest): HttpResponse;
  /** What was subscribed with this ticket, if it is good; it is good once. */
  take(ticket: string): readonly Subscription[] | undefined;
  /** How often a connection was asked for. */
  asked(): number;
}

export function createTickets(options: {
  clock: Clock;
  randomBytes: (n: number) => Buffer;
  newId: () => string;
  app: { appKey: string; appSecret: string };
}): Tickets {
  const { clock, randomBytes, newId, app } = options;
  const tickets = new Map<string, { until: number; subscriptions: readonly Subscription[] }>();
  let asked = 0;
  const refuse = (status: number, code: string, message: string): HttpResponse => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requestid: newId(), code, message }),
  });
  return {
    open(request) {
      asked += 1;
      const body = parseJson(OpenRequestSchema, request.body.toString('utf8'));
      if (!body) return refuse(400, 'invalidParameter', '参数错误');
      if (!equalSecrets(body.clientId, app.appKey) || !equalSecrets(body.clientSecret, app.appSecret))
        return refuse(401, 'authFailed', '鉴权失败');
      // The official client for Node.js does not encode it for a URL.
      const ticket = randomBytes(18).toString('base64url');
      tickets.set(ticket, { until: clock.now() + TICKET_LIVES_MS, subscriptions: body.subscriptions });
      const endpoint = `ws://${request.headers.host ?? '127.0.0.1'}${CONNECT_PATH}`;
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ endpoint, ticket }),
      };
    },
    take(ticket) {
      const found = tickets.get(ticket);
      tickets.delete(ticket);
      return found && clock.now() <= found.until ? found.subscriptions : undefined;
    },
    asked: () => asked,
  };
}
