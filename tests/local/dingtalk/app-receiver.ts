import { createHmac } from 'node:crypto';
import { type HttpRequest, type HttpResponse, serve } from '../../../local/http/server.ts';

/** The app's own address for what people do in chats: keeps what it was sent and answers as told. */
export interface AppReceiver {
  url: string;
  requests: HttpRequest[];
  /** The bodies, parsed. */
  bodies(): Record<string, unknown>[];
  /** Used up one by one; then an empty JSON object with 200. */
  replies: ((request: HttpRequest) => HttpResponse | Promise<HttpResponse>)[];
  close(): Promise<void>;
}

export async function startAppReceiver(): Promise<AppReceiver> {
  const requests: HttpRequest[] = [];
  const replies: AppReceiver['replies'] = [];
  const server = await serve(async (request) => {
    requests.push(request);
    return replies.shift()?.(request) ?? { status: 200, body: '{}' };
  });
  return {
    url: `${server.origin}/app?from=dingtalk`,
    requests,
    replies,
    bodies: () => requests.map(({ body }) => JSON.parse(body.toString('utf8'))),
    close: server.close,
  };
}

export function json(body: object, status = 200): () => HttpResponse {
  return () => ({ status, body: JSON.stringify(body) });
}

export function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64');
}
