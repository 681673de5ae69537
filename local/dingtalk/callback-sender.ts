import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { CallHttp, HttpAnswer } from '../../shared/http/call.ts';
import { parseJson } from '../parse-json.ts';
import { decryptMessage, encryptMessage, signCallback } from './callback-crypto.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { ParsedSubscription } from './event-subscription.ts';

/** https://open.dingtalk.com/document/development/develop-stream-mode-push-server */
const ANSWER_WITHIN_MS = 2_500;

/** Official libraries write `timeStamp` as text, some ports as a number. */
const ReplySchema = z.object({
  msg_signature: z.string(),
  timeStamp: z.union([z.string(), z.number()]).transform(String),
  nonce: z.string(),
  encrypt: z.string(),
});

export type CallbackOutcome = { accepted: true } | { accepted: false; reason: string };

export interface CallbackSender {
  /** One sealed POST of `body`, and the check of its answer. Never rejects. */
  send(subscription: ParsedSubscription, body: object, signal: AbortSignal): Promise<CallbackOutcome>;
}

export function createCallbackSender(options: {
  clock: Clock;
  randomBytes: (n: number) => Buffer;
  callHttp: CallHttp;
}): CallbackSender {
  const { clock, randomBytes, callHttp } = options;
  return {
    async send(subscription, body, signal) {
      const { token, paddingBlockBytes } = subscription;
      const random = randomBytes(16);
      const encrypt = encryptMessage(JSON.stringify(body), subscription, { random, paddingBlockBytes });
      const timestamp = String(clock.now());
      const nonce = randomBytes(6).toString('hex');
      const signature = signCallback({ token, timestamp, nonce, encrypt });
      const url = new URL(subscription.url);
      // Real requests carry both names with the same value.
      for (const [name, value] of Object.entries({ signature, msg_signature: signature, timestamp, nonce })) {
        url.searchParams.set(name, value);
      }
      try {
        const answer = await callHttp({
          service: 'callback',
          method: 'POST',
          url: url.toString(),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ encrypt }),
          timeoutMs: ANSWER_WITHIN_MS,
          signal,
        });
        return judge(answer, subscription);
      } catch (error) {
        return refused(errorMessage(error));
      }
    },
  };
}

function judge(answer: HttpAnswer, subscription: ParsedSubscription): CallbackOutcome {
  if (answer.status !== 200) return refused(`HTTP status ${answer.status} instead of 200`);
  const reply = parseJson(ReplySchema, answer.body.toString('utf8'));
  if (!reply) return refused('the answer is not JSON with msg_signature, timeStamp, nonce and encrypt');
  const { timeStamp: timestamp, nonce, encrypt } = reply;
  const expected = signCallback({ token: subscription.token, timestamp, nonce, encrypt });
  if (!equalSecrets(reply.msg_signature, expected)) return refused('the answer is signed wrongly');
  const opened = decryptMessage(encrypt, subscription);
  if (!opened) return refused('the answer cannot be decrypted');
  if (opened.ownerKey !== subscription.ownerKey) return refused('the answer names another owner key');
  return opened.message === 'success' ? { accepted: true } : refused('the decrypted answer is not "success"');
}

function refused(reason: string): CallbackOutcome {
  return { accepted: false, reason };
}
