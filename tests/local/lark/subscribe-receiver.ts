import { AESCipher } from '@larksuiteoapi/node-sdk';
import { type HttpRequest, type HttpResponse, serve } from '../../../local/http/server.ts';
import type { EventSubscription } from '../../../local/lark/event-subscription.ts';
import type { LarkOptions } from '../../../local/lark/lark.ts';
import { callHttp } from '../../../shared/http/call.ts';
import type { LogEntry } from '../../../shared/log.ts';
import { APPROVAL_CODE, type Json, type Running, startLark } from './start-lark.ts';

export const ENCRYPT_KEY = 'kudryavka 密钥';
export const TOKEN = 'v3rificationT0ken';

export type Reply = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** A callback URL that keeps what it was sent and replies as told; what is encrypted the official SDK decrypts. */
export class Receiver {
  readonly requests: HttpRequest[] = [];
  readonly events: Json[] = [];
  replies: Reply[] = [];
  private waiting: { count: number; resolve: () => void }[] = [];

  handle = async (request: HttpRequest): Promise<HttpResponse> => {
    this.requests.push(request);
    this.events.push(opened(request.body));
    const reply = (this.replies.shift() ?? good)(request);
    for (const { count, resolve } of this.waiting) if (this.requests.length >= count) resolve();
    return reply;
  };

  received(count: number): Promise<void> {
    if (this.requests.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }

  /** `status`, or of whatever kind, of the events so far. */
  statuses(): unknown[] {
    return this.events.map(({ event }) => (event as Json).status);
  }
}

export function opened(body: Buffer): Json {
  const json = JSON.parse(body.toString());
  return json.encrypt ? JSON.parse(new AESCipher(ENCRYPT_KEY).decrypt(json.encrypt)) : json;
}

/** Any body does, as long as it is HTTP 200; a challenge is answered as it must be. */
export const good: Reply = ({ body }) => {
  const { type, challenge } = opened(body);
  return { status: 200, body: type === 'url_verification' ? JSON.stringify({ challenge }) : 'ok' };
};
export const bad: Reply = () => ({ status: 500 });

export interface Subscribed {
  service: Running;
  receiver: Receiver;
  subscription: EventSubscription;
  logged(message: string): LogEntry[];
  close(): Promise<void>;
}

/** A service whose app subscribed to the definition and gets its events, encrypted; it waits 1 s for an answer. */
export async function startSubscribed(options: Partial<LarkOptions> = {}): Promise<Subscribed> {
  const receiver = new Receiver();
  const server = await serve(receiver.handle);
  const service = await startLark({ callHttp: (call) => callHttp({ ...call, timeoutMs: 1_000 }), ...options });
  const subscription = { url: `${server.origin}/callback?app=1`, verificationToken: TOKEN, encryptKey: ENCRYPT_KEY };
  service.lark.setEventSubscription(subscription);
  await service.api('POST', `approval/v4/approvals/${APPROVAL_CODE}/subscribe`);
  return {
    service,
    receiver,
    subscription,
    logged: (message) => service.logs.filter((entry) => entry.message === message),
    async close() {
      await service.close();
      await server.close();
    },
  };
}

/** Polls until there is something, for at most 5 s. */
export async function until<T>(probe: () => T | undefined): Promise<T> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const found = probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('waited 5 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
