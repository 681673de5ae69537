import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { HttpRequest, HttpResponse } from '../../http/server.ts';
import { parseJson } from '../../parse-json.ts';

export const ENDPOINT_PATH = '/callback/ws/endpoint';
export const CONNECT_PATH = '/ws/v2';
/** https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/request-url-configuration-case */
const MAX_CONNECTIONS = 50;
/** How long an address is good is not documented. */
const TICKET_LIVES_MS = 90_000;

const RequestSchema = z.object({ AppID: z.string(), AppSecret: z.string() });

/** What a client is told beside the address, in seconds; the values of the real server. */
export interface ClientConfig {
  ReconnectCount: number;
  ReconnectInterval: number;
  ReconnectNonce: number;
  PingInterval: number;
}
export const CLIENT_CONFIG: ClientConfig = {
  ReconnectCount: -1,
  ReconnectInterval: 120,
  ReconnectNonce: 30,
  PingInterval: 120,
};

export interface Endpoint {
  /** `POST /callback/ws/endpoint`: credentials against the address of a connection. */
  answer(request: HttpRequest): HttpResponse;
  /** Whether this ticket is good; it is good once. */
  take(ticket: string): boolean;
  /** How often an address was asked for. */
  asked(): number;
}

export function createEndpoint(options: {
  clock: Clock;
  randomBytes: (n: number) => Buffer;
  app: { app_id: string; app_secret: string };
  clientConfig: ClientConfig;
  /** Connections that are open now. */
  open: () => number;
}): Endpoint {
  const { clock, randomBytes, app, clientConfig } = options;
  const tickets = new Map<string, number>();
  let asked = 0;
  // A refusal has `data`, but neither address nor configuration in it.
  const reply = (code: number, msg: string, data: object = {}): HttpResponse => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, msg, data }),
  });
  return {
    answer(request) {
      asked += 1;
      const body = parseJson(RequestSchema, request.body.toString('utf8'));
      if (!body) return reply(1000040344, 'no credential');
      if (body.AppID !== app.app_id || body.AppSecret !== app.app_secret)
        return reply(1000040345, 'app_id or app_secret is invalid');
      if (options.open() >= MAX_CONNECTIONS) return reply(1000040350, 'the number of connections exceeded the limit');
      const ticket = randomBytes(16).toString('hex');
      tickets.set(ticket, clock.now() + TICKET_LIVES_MS);
      // `service_id` must not come first: the official SDK for Node.js loses the first parameter.
      const query = new URLSearchParams({
        fpid: '493',
        aid: '552564',
        device_id: String(randomBytes(6).readUIntBE(0, 6)),
        access_key: randomBytes(16).toString('hex'),
        service_id: '33554678',
        ticket,
      });
      const URL = `ws://${request.headers.host ?? '127.0.0.1'}${CONNECT_PATH}?${query}`;
      return reply(0, '', { URL, ClientConfig: clientConfig });
    },
    take(ticket) {
      const until = tickets.get(ticket);
      tickets.delete(ticket);
      return until !== undefined && clock.now() <= until;
    },
    asked: () => asked,
  };
}
