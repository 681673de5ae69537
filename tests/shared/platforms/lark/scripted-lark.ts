import { type HttpRequest, type HttpResponse, serve } from '../../../../local/http/server.ts';
import type { Clock } from '../../../../shared/clock.ts';
import { callHttp } from '../../../../shared/http/call.ts';
import { createLarkClient, type LarkClient } from '../../../../shared/platforms/lark/client.ts';

/** What Lark answers to everything but the call for a token. */
export type Respond = (request: HttpRequest, signal: AbortSignal) => HttpResponse | Promise<HttpResponse>;

export interface Scripted {
  client: LarkClient;
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
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
export const ok = (data: unknown): HttpResponse => json(200, { code: 0, msg: 'success', data });
/** Errors come with HTTP 400 and with HTTP 200. */
export const refusal = (status: number, code: unknown): HttpResponse =>
  json(status, { code, msg: '出错了 secret', error: { log_id: 'l-1' } });
export const html = (status: number): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html>登录',
});

export const TOKEN_PATH = '/open-apis/auth/v3/tenant_access_token/internal';
export const NOW = Date.parse('2026-01-02T03:04:05.678Z');

/**
 * A client in front of a Lark that says what a test makes it say. Tokens are `t-1`, `t-2`, … and live 7,200 s unless the
 * test answers for them too.
 */
export async function startScripted(respond: Respond, token?: Respond): Promise<Scripted> {
  const requests: HttpRequest[] = [];
  const tokenRequests: HttpRequest[] = [];
  let now = NOW;
  const clock: Clock = { now: () => now, sleep: async () => undefined };
  const server = await serve(async (request, signal) => {
    if (request.rawPath === TOKEN_PATH) {
      tokenRequests.push(request);
      const issued = { code: 0, msg: 'ok', tenant_access_token: `t-${tokenRequests.length}`, expire: 7200 };
      return token ? token(request, signal) : json(200, issued);
    }
    requests.push(request);
    return respond(request, signal);
  });
  const config = { appId: 'cli_1', appSecret: 'app-secret', endpoint: server.origin };
  return {
    client: createLarkClient(config, callHttp, clock),
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
