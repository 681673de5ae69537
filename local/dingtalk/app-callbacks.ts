import { createHmac } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { CallHttp, HttpAnswer } from '../../shared/http/call.ts';
import type { Log } from '../../shared/log.ts';
import type { Faults } from '../faults.ts';
import type { Quota } from './quota.ts';

/** What people do in a chat, as fault rules name it. */
type Deed = 'botMessage' | 'cardCallback';

/** A call of the company's app, in plain JSON. */
export interface AppCallback {
  deed: Deed;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: object;
  withinMs: number;
}

export type CallbackAnswer = { answer: HttpAnswer } | { reason: string };

/** The way to clients in Stream mode; a gateway has it. */
export interface StreamCalls {
  call(topic: string, data: object, withinMs: number): Promise<StreamAnswer>;
}
export type StreamAnswer = { response: unknown } | { reason: string };

/** The same over one of the app's connections. */
export interface StreamCall {
  deed: Deed;
  topic: string;
  body: object;
  withinMs: number;
}

/** How the platform calls the app for what people do in a chat: once, and it counts in the pot of pushes. */
export interface AppCallbacks {
  /** Never rejects; `reason` says why there is no answer. */
  send(callback: AppCallback): Promise<CallbackAnswer>;
  push(call: StreamCall): Promise<StreamAnswer>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export function createAppCallbacks(tools: {
  clock: Clock;
  log: Log;
  faults: Faults;
  quota: Quota;
  callHttp: CallHttp;
  stream: StreamCalls;
}): AppCallbacks {
  const { clock, log, faults, quota, stream } = tools;
  const closing = new AbortController();
  const { signal } = closing;
  const running = new Set<Promise<unknown>>();
  const meetingFaults = async <T extends object>(deed: Deed, once: () => Promise<T>): Promise<T | Lost> => {
    const fault = faults.take('dingtalk', deed);
    if (fault?.kind === 'drop') return { reason: 'it was lost on the way' };
    if (!quota.take('webhookAndStream')) return { reason: 'the quota is used up' };
    if (fault?.kind === 'delay') await clock.sleep(fault.ms, signal).catch(() => undefined);
    if (fault?.kind === 'double') await once();
    const answer = await once();
    if ('reason' in answer) log.warn(`${NAMES[deed]} failed`, { reason: String(answer.reason) });
    return fault?.kind === 'lose_answer' ? { reason: 'the answer was lost' } : answer;
  };
  const run = <T extends object>(deed: Deed, once: () => Promise<T>): Promise<T | Lost> => {
    const sending = meetingFaults(deed, once).finally(() => running.delete(sending));
    running.add(sending);
    return sending;
  };
  return {
    send: (callback) =>
      run(callback.deed, async () => {
        const answer = await post(callback, tools.callHttp, signal);
        if ('answer' in answer) log.info(`${NAMES[callback.deed]} answered`, { status: answer.answer.status });
        return answer;
      }),
    push: ({ deed, topic, body, withinMs }) => run(deed, () => stream.call(topic, body, withinMs)),
    async close() {
      closing.abort(new Error('the service is closing'));
      await Promise.all(running);
    },
  };
}

interface Lost {
  reason: string;
}

const NAMES = { botMessage: 'bot message', cardCallback: 'card callback' } as const;

async function post(callback: AppCallback, callHttp: CallHttp, signal: AbortSignal): Promise<CallbackAnswer> {
  const { url, headers, body, withinMs: timeoutMs } = callback;
  try {
    const answer = await callHttp({
      service: 'callback',
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(body),
      timeoutMs,
      signal,
    });
    return answer.status === 200 ? { answer } : { reason: `HTTP status ${answer.status} instead of 200` };
  } catch (error) {
    return { reason: errorMessage(error) };
  }
}

/** Base64(HmacSHA256(secret, text)). */
export function signText(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64');
}
