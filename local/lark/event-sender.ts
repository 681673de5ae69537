import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage, TransientError } from '../../shared/errors.ts';
import type { CallHttp, HttpAnswer } from '../../shared/http/call.ts';
import { parseJson } from '../parse-json.ts';
import { encryptEvent, signEvent } from './event-crypto.ts';
import type { ParsedSubscription } from './event-subscription.ts';

/** https://open.feishu.cn/document/ukTMukTMukTM/uUTNz4SN1MjL1UzM */
const ANSWER_WITHIN_MS = 3_000;
/** https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/choose-a-subscription-mode/send-notifications-to-developers-server */
const CHALLENGE_WITHIN_MS = 1_000;

export type EventOutcome =
  | { kind: 'answered'; body: Buffer }
  | { kind: 'status' | 'timeout' | 'unreachable'; reason: string };

export interface EventSender {
  /** One POST of `body`; only HTTP 200 counts as an answer. Never rejects. */
  send(subscription: ParsedSubscription, body: object, signal: AbortSignal): Promise<EventOutcome>;
  /** The URL check of the console; undefined, or what is wrong. */
  challenge(subscription: ParsedSubscription, signal: AbortSignal): Promise<string | undefined>;
}

const ChallengeSchema = z.object({ challenge: z.string() });

export function createEventSender(options: {
  clock: Clock;
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  callHttp: CallHttp;
  /** How long the console waits for the answer to a challenge. Default as documented. */
  challengeWithinMs?: number;
}): EventSender {
  const { clock, newId, randomBytes, callHttp, challengeWithinMs = CHALLENGE_WITHIN_MS } = options;
  const seal = (body: object, encryptKey: string | undefined): Buffer => {
    const plain = JSON.stringify(body);
    const sealed =
      encryptKey === undefined ? plain : `{"encrypt":"${encryptEvent(plain, encryptKey, randomBytes(16))}"}`;
    return Buffer.from(sealed);
  };
  const post = async (url: string, body: Buffer, timeoutMs: number, signal: AbortSignal, headers = {}) => {
    const common = {
      'content-type': 'application/json;charset=utf-8',
      'user-agent': 'Go-http-client/1.1',
      'accept-encoding': 'gzip',
      'x-request-id': newId(),
    };
    try {
      const all = { ...common, ...headers };
      return judge(await callHttp({ service: 'event', method: 'POST', url, headers: all, body, timeoutMs, signal }));
    } catch (error) {
      return { kind: isTimeout(error) ? 'timeout' : 'unreachable', reason: errorMessage(error) } as const;
    }
  };
  return {
    send({ url, encryptKey }, event, signal) {
      const body = seal(event, encryptKey);
      if (encryptKey === undefined) return post(url, body, ANSWER_WITHIN_MS, signal);
      const timestamp = String(Math.floor(clock.now() / 1000));
      const nonce = randomBytes(8).toString('hex');
      return post(url, body, ANSWER_WITHIN_MS, signal, {
        'X-Lark-Request-Timestamp': timestamp,
        'X-Lark-Request-Nonce': nonce,
        'X-Lark-Signature': signEvent({ timestamp, nonce, encryptKey, body }),
      });
    },
    async challenge({ url, encryptKey, verificationToken: token }, signal) {
      const challenge = newId();
      const body = seal({ challenge, token, type: 'url_verification' }, encryptKey);
      const outcome = await post(url, body, challengeWithinMs, signal);
      if (outcome.kind !== 'answered') return outcome.reason;
      const answer = parseJson(ChallengeSchema, outcome.body.toString('utf8'));
      if (!answer) return 'the answer is not JSON with a challenge';
      return answer.challenge === challenge ? undefined : 'the answer holds another challenge';
    },
  };
}

function judge({ status, body }: HttpAnswer): EventOutcome {
  return status === 200
    ? { kind: 'answered', body }
    : { kind: 'status', reason: `HTTP status ${status} instead of 200` };
}

function isTimeout(error: unknown): boolean {
  return error instanceof TransientError && error.code.endsWith('.timeout');
}
