import { createHmac } from 'node:crypto';
import { equalSecrets } from '../equal-secrets.ts';
import type { CallbackReply, CallbackRequest } from '../platform.ts';
import { boundsFault } from '../request-bounds.ts';

/**
 * Callbacks that DingTalk signs over the time alone: whoever has seen one can write others as long as its time is good.
 * That nobody sees one is left to TLS.
 */
export interface TimeSignature {
  /** Names of the headers, in lower case. */
  timestamp: string;
  signature: string;
  /** Base64, as the platform makes it for this time. */
  sign(timestamp: string): string;
  /** How far the time may be off. */
  withinMs: number;
}

export function hmacBase64(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64');
}

/** As custom robots are called, and the app's own robot calls: over the time and the secret itself. */
export function signTime(secret: string, timestamp: string): string {
  return hmacBase64(secret, `${timestamp}\n${secret}`);
}

/** Why the request is not the platform's, for the log; undefined if it is. */
export function timeSignedFault(
  request: CallbackRequest,
  { timestamp: timeName, signature: signatureName, sign, withinMs }: TimeSignature,
  now: number,
): string | undefined {
  if (request.method !== 'POST') return `method ${request.method.slice(0, 16)} instead of POST`;
  const bounds = boundsFault(request);
  if (bounds !== undefined) return bounds;
  const timestamp = request.headers[timeName];
  const signature = request.headers[signatureName];
  if (timestamp === undefined || signature === undefined) return 'signature or timestamp is missing from the headers';
  if (!equalSecrets(signature, sign(timestamp))) return 'wrong signature';
  const isNow = /^\d{13}$/.test(timestamp) && Math.abs(now - Number(timestamp)) <= withinMs;
  return isNow ? undefined : 'signed at another time than now';
}

export const jsonAnswer = (body: object): CallbackReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
/** Whatever is wrong, the sender gets the same answer. */
export const REJECTED: CallbackReply = { ...jsonAnswer({ error: 'the callback could not be verified' }), status: 403 };
