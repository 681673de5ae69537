import { type HttpRequest, type HttpResponse, serve } from '../../../../local/http/server.ts';
import type { Clock } from '../../../../shared/clock.ts';
import { callHttp } from '../../../../shared/http/call.ts';
import { createDingtalkClient, type DingtalkClient } from '../../../../shared/platforms/dingtalk/client.ts';

/** What both hosts answer to everything but the call for a token. */
export type Respond = (request: HttpRequest, signal: AbortSignal) => HttpResponse | Promise<HttpResponse>;

export interface Scripted {
  client: DingtalkClient;
  origin: string;
  clock: Clock;
  /** Calls but those for a token, oldest first. */
  requests: HttpRequest[];
  tokenRequests: HttpRequest[];
  /** Moves the client's clock on. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8' },
  body: JSON.stringify(body),
});

const TOKEN_PATH = '/v1.0/oauth2/accessToken';

/**
 * A client in front of a DingTalk that says what a test makes it say. Tokens are `token-1`, `token-2`, … and live 7,200 s
 * unless the test answers for them too.
 */
export async function startScripted(respond: Respond, token?: Respond): Promise<Scripted> {
  const requests: HttpRequest[] = [];
  const tokenRequests: HttpRequest[] = [];
  let now = Date.parse('2026-01-02T03:04:05.678Z');
  const clock: Clock = { now: () => now, sleep: async () => undefined };
  const server = await serve(async (request, signal) => {
    if (request.rawPath === TOKEN_PATH) {
      tokenRequests.push(request);
      const issued = json(200, { accessToken: `token-${tokenRequests.length}`, expireIn: 7200 });
      return token ? token(request, signal) : issued;
    }
    requests.push(request);
    return respond(request, signal);
  });
  const config = {
    appKey: 'dingapp',
    appSecret: 'app-secret',
    apiEndpoint: server.origin,
    oapiEndpoint: server.origin,
  };
  return {
    client: createDingtalkClient(config, callHttp, clock),
    origin: server.origin,
    clock,
    requests,
    tokenRequests,
    advance(ms) {
      now += ms;
    },
    close: server.close,
  };
}

/** What comes back, or the error. */
export const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);
