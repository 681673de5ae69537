import {
  decryptMessage,
  encryptMessage,
  type PaddingBlockBytes,
  signCallback,
} from '../../../local/dingtalk/callback-crypto.ts';
import type { EventSubscription } from '../../../local/dingtalk/event-subscription.ts';
import { type HttpRequest, type HttpResponse, type RunningServer, serve } from '../../../local/http/server.ts';
import type { Clock } from '../../../shared/clock.ts';
import { callHttp } from '../../../shared/http/call.ts';
import type { LogEntry } from '../../../shared/log.ts';
import { type Running, startDingtalk } from './start-dingtalk.ts';

export const TOKEN = 'token123';
export const KEY = { aesKey: '1234567890123456789012345678901234567890123', ownerKey: 'dingapp' };

export type Reply = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** A callback URL that keeps what it was sent and replies as told. */
export class Receiver {
  readonly requests: HttpRequest[] = [];
  readonly events: Record<string, unknown>[] = [];
  replies: Reply[] = [];
  private waiting: { count: number; resolve: () => void }[] = [];

  handle = async (request: HttpRequest): Promise<HttpResponse> => {
    this.requests.push(request);
    const { encrypt } = JSON.parse(request.body.toString());
    this.events.push(JSON.parse(decryptMessage(encrypt, KEY)?.message ?? 'null'));
    const reply = (this.replies.shift() ?? good())(request);
    for (const { count, resolve } of this.waiting) if (this.requests.length >= count) resolve();
    return reply;
  };

  received(count: number): Promise<void> {
    if (this.requests.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }
}

interface Forgery {
  message?: string;
  token?: string;
  ownerKey?: string;
  paddingBlockBytes?: PaddingBlockBytes;
  timeStamp?: string | number;
}

/** The sealed success, or one that is wrong in one point. */
export function good({ message = 'success', token = TOKEN, ownerKey = KEY.ownerKey, ...rest }: Forgery = {}): Reply {
  const { paddingBlockBytes = 32, timeStamp = '1767323045678' } = rest;
  const encrypt = encryptMessage(message, { ...KEY, ownerKey }, { random: Buffer.alloc(16, 7), paddingBlockBytes });
  const nonce = 'reply';
  const msg_signature = signCallback({ token, timestamp: String(timeStamp), nonce, encrypt });
  return () => ({ status: 200, body: JSON.stringify({ msg_signature, timeStamp, nonce, encrypt }) });
}

export interface Subscribed {
  service: Running;
  receiver: Receiver;
  subscription: EventSubscription;
  logged(message: string): LogEntry[];
  close(): Promise<void>;
}

/** A service that pushes to a receiver; it waits 1 s for an answer instead of 2.5 s. */
export async function startSubscribed(clock?: Clock): Promise<Subscribed> {
  const receiver = new Receiver();
  const server: RunningServer = await serve(receiver.handle);
  const service = await startDingtalk({
    ...(clock ? { clock } : {}),
    callHttp: (call) => callHttp({ ...call, timeoutMs: 1_000 }),
  });
  const subscription = { url: `${server.origin}/callback?app=1`, token: TOKEN, ...KEY };
  service.dingtalk.setEventSubscription(subscription);
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
export async function until<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('waited 5 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
