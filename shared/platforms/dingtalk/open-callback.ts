import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { parseJson } from '../../json.ts';
import { equalSecrets } from '../equal-secrets.ts';
import type { CallbackOutcome, CallbackReply, CallbackRequest } from '../platform.ts';
import { boundsFault } from '../request-bounds.ts';
import { readApprovalEvent } from './approval-event.ts';
import { decrypt, encrypt, parseAesKey, sign } from './callback-crypto.ts';

export interface CallbackConfig {
  /** 3 to 63 letters and digits, from the console. */
  token: string;
  /** EncodingAESKey, 43 characters. */
  aesKey: string;
  /** What may stand behind the message: the app key for an internal app, a corp id for older subscriptions. */
  ownerKeys: readonly string[];
}

export interface CallbackTools {
  clock: Clock;
  randomBytes: (size: number) => Buffer;
}

const envelopeSchema = z.object({ encrypt: z.string() });
const messageSchema = z.object({ EventType: z.string() });
const CHECKS = ['check_url', 'check_create_suite_url', 'check_update_suite_url'];

/** Whether the query looks like DingTalk's; its signature is checked by `openCallback`. */
export function recognisesCallback({ query }: CallbackRequest): boolean {
  return ('signature' in query || 'msg_signature' in query) && ('timestamp' in query || 'timeStamp' in query);
}

/**
 * Opens an HTTP event callback (https://open.dingtalk.com/document/development/http-callback-overview). Fails closed:
 * whatever is wrong with signature, encryption or owner key, the sender gets the same answer.
 */
export function openCallback(request: CallbackRequest, config: CallbackConfig, tools: CallbackTools): CallbackOutcome {
  const opened = decryptCallback(request, config);
  if ('reason' in opened) return { kind: 'rejected', reason: opened.reason, reply: REJECTED };
  const { message } = opened;
  const reply = sealReply('success', opened, config, tools);
  const json = parseJson(message);
  const event = messageSchema.safeParse(json);
  if (!event.success) return { kind: 'ignored', reason: 'the message has no EventType', reply, message };
  if (CHECKS.includes(event.data.EventType)) return { kind: 'check', reply, message };
  const said = readApprovalEvent(event.data.EventType, json);
  if (said.kind === 'other') return { kind: 'ignored', reason: said.reason, reply, message };
  return { kind: 'event', hint: said.hint, sentAt: sentAt(request.query), reply, message };
}

const REJECTED: CallbackReply = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: 'the callback could not be verified' }),
};

function decryptCallback(
  request: CallbackRequest,
  config: CallbackConfig,
): { message: string; ownerKey: string } | { reason: string } {
  const key = parseAesKey(config.aesKey);
  if (!key || config.token === '' || config.ownerKeys.length === 0)
    return { reason: 'token, AES key or owner key is not configured' };
  if (request.method !== 'POST') return { reason: `method ${request.method.slice(0, 16)} instead of POST` };
  const fault = boundsFault(request);
  if (fault !== undefined) return { reason: fault };
  const { query } = request;
  const timestamp = query['timestamp'] ?? query['timeStamp'];
  const nonce = query['nonce'];
  const signature = query['msg_signature'] ?? query['signature'];
  if (timestamp === undefined || nonce === undefined || signature === undefined) {
    return { reason: 'signature, timestamp or nonce is missing from the query' };
  }
  if (query['signature'] !== undefined && query['signature'] !== signature)
    return { reason: 'two signatures that differ' };
  const envelope = envelopeSchema.safeParse(parseJson(request.body));
  if (!envelope.success) return { reason: 'the body is not {"encrypt": "…"} in JSON' };
  if (!equalSecrets(signature, sign(config.token, timestamp, nonce, envelope.data.encrypt)))
    return { reason: 'wrong signature' };
  const opened = decrypt(envelope.data.encrypt, key);
  if (!opened) return { reason: 'the message does not decrypt with this AES key' };
  const known = config.ownerKeys.filter((ownerKey) => equalSecrets(ownerKey, opened.ownerKey)).length > 0;
  return known ? opened : { reason: 'the owner key behind the message is not a configured one' };
}

/** When DingTalk says it sent this: milliseconds in captured traffic, seconds in some official samples. */
function sentAt(query: CallbackRequest['query']): number {
  const timestamp = query['timestamp'] ?? query['timeStamp'] ?? '';
  if (!/^\d{10,13}$/.test(timestamp)) return 0;
  return timestamp.length === 10 ? Number(timestamp) * 1000 : Number(timestamp);
}

/** DingTalk wants the word `success` back, encrypted and signed; HTTP 200 alone counts as a failure. */
function sealReply(
  text: string,
  opened: { ownerKey: string },
  config: CallbackConfig,
  tools: CallbackTools,
): CallbackReply {
  const key = parseAesKey(config.aesKey) ?? Buffer.alloc(0);
  const timeStamp = String(tools.clock.now());
  const nonce = tools.randomBytes(8).toString('hex');
  const sealed = encrypt(text, opened.ownerKey, key, tools.randomBytes(16));
  const msgSignature = sign(config.token, timeStamp, nonce, sealed);
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ msg_signature: msgSignature, timeStamp, nonce, encrypt: sealed }),
  };
}
