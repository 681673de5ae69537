import * as z from 'zod/mini';
import { parseJson } from '../../json.ts';
import { equalSecrets } from '../equal-secrets.ts';
import type { CallbackOutcome, CallbackReply, CallbackRequest } from '../platform.ts';
import { boundsFault } from '../request-bounds.ts';
import { readApprovalEvent } from './approval-event.ts';
import { BOT_MESSAGE, readBotMessage } from './bot-message.ts';
import { decrypt, sign } from './callback-crypto.ts';
import { CARD_ACTION, pressReply, readPress } from './card-press.ts';
import { readEnvelope, tokenOf } from './envelope.ts';

/** From the console, "Events and callbacks", "Encryption strategy". At least one of the two is not ''. */
export interface CallbackConfig {
  /** With it callbacks are encrypted and signed, and no others are taken. */
  encryptKey: string;
  verificationToken: string;
}

const encryptedSchema = z.object({ encrypt: z.string() });
const challengeSchema = z.object({ type: z.literal('url_verification'), challenge: z.string() });
/** What the body of a callback begins with: encrypted, of the first version, of the second. */
const bodySchema = z.union([
  encryptedSchema,
  z.object({ type: z.enum(['url_verification', 'event_callback']) }),
  z.object({ schema: z.literal('2.0') }),
]);

/** Whether the request looks like Lark's. A check of the URL has none of the headers, so that the body must tell. */
export function recognisesCallback(request: CallbackRequest): boolean {
  if ('x-lark-signature' in request.headers) return true;
  return boundsFault(request) === undefined && bodySchema.safeParse(parseJson(request.body)).success;
}

/**
 * Opens an HTTP event callback
 * (https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/choose-a-subscription-mode/send-notifications-to-developers-server).
 * Fails closed: whatever is wrong with encryption, signature or token, the sender gets the same answer.
 */
export function openCallback(request: CallbackRequest, config: CallbackConfig): CallbackOutcome {
  const opened = openBody(request, config);
  if ('reason' in opened) return { kind: 'rejected', reason: opened.reason, reply: REJECTED };
  const { message } = opened;
  const json = parseJson(message);
  const challenge = challengeSchema.safeParse(json);
  // A check of the URL is not signed.
  const fault = (challenge.success ? undefined : signatureFault(request, config)) ?? tokenFault(json, config);
  if (fault !== undefined) return { kind: 'rejected', reason: fault, reply: REJECTED };
  if (challenge.success) return { kind: 'challenge', reply: answer({ challenge: challenge.data.challenge }), message };
  return judge(request, json, message);
}

const answer = (body: object): CallbackReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const REJECTED: CallbackReply = { ...answer({ error: 'the callback could not be verified' }), status: 403 };
/** Only the status counts, but the official SDKs answer so. */
const RECEIVED = answer({ msg: 'success' });

function openBody(
  request: CallbackRequest,
  { encryptKey, verificationToken }: CallbackConfig,
): { message: string } | { reason: string } {
  const bounds = boundsFault(request);
  if (bounds !== undefined) return { reason: bounds };
  if (encryptKey === '' && verificationToken === '')
    return { reason: 'neither encrypt key nor verification token is configured' };
  if (request.method !== 'POST') return { reason: `method ${request.method.slice(0, 16)} instead of POST` };
  const encrypted = encryptedSchema.safeParse(parseJson(request.body));
  if (encryptKey === '') {
    if (encrypted.success) return { reason: 'the body is encrypted, and no encrypt key is configured' };
    return { message: request.body.toString() };
  }
  if (!encrypted.success) return { reason: 'the body is not {"encrypt": "…"} in JSON' };
  const message = decrypt(encrypted.data.encrypt, encryptKey);
  return message === undefined ? { reason: 'the message does not decrypt with this encrypt key' } : { message };
}

function signatureFault({ headers, body }: CallbackRequest, { encryptKey }: CallbackConfig): string | undefined {
  // Without an encrypt key there is nothing to sign with, and the token is all there is.
  if (encryptKey === '') return undefined;
  const timestamp = headers['x-lark-request-timestamp'];
  const nonce = headers['x-lark-request-nonce'];
  const signature = headers['x-lark-signature'];
  if (timestamp === undefined || nonce === undefined || signature === undefined)
    return 'signature, timestamp or nonce is missing from the headers';
  return equalSecrets(signature, sign(encryptKey, timestamp, nonce, body)) ? undefined : 'wrong signature';
}

function tokenFault(json: unknown, { verificationToken }: CallbackConfig): string | undefined {
  if (verificationToken === '') return undefined;
  return equalSecrets(tokenOf(json) ?? '', verificationToken) ? undefined : 'wrong verification token';
}

/** What a genuine message is about. */
function judge({ headers }: CallbackRequest, json: unknown, message: string): CallbackOutcome {
  const ignore = (reason: string): CallbackOutcome => ({ kind: 'ignored', reason, reply: RECEIVED, message });
  const envelope = readEnvelope(json);
  if (!envelope) return ignore('the message has no type of event');
  if (envelope.type === BOT_MESSAGE) {
    const question = readBotMessage(envelope.event);
    return 'reason' in question ? ignore(question.reason) : { kind: 'question', question, reply: RECEIVED, message };
  }
  if (envelope.type === CARD_ACTION) return judgePress(envelope.event, message);
  const said = readApprovalEvent(envelope);
  if (said.kind === 'other') return ignore(said.reason);
  return {
    kind: 'event',
    hint: said.hint,
    ...(said.kind === 'revoked' && { reversal: true }),
    sentAt: envelope.sentAt ?? secondsOf(headers['x-lark-request-timestamp']),
    reply: RECEIVED,
    message,
  };
}

/** People wait for the answer of a press, which is not sent again. */
function judgePress(event: unknown, message: string): CallbackOutcome {
  const press = readPress(event);
  const reply = answer({});
  if ('reason' in press) return { kind: 'ignored', reason: press.reason, reply, message };
  return { kind: 'press', press, answer: (told) => answer(pressReply(told)), reply, message };
}

/** The header is not always a number of seconds. */
function secondsOf(timestamp: string | undefined): number {
  return timestamp !== undefined && /^\d{10}$/.test(timestamp) ? Number(timestamp) * 1000 : 0;
}
