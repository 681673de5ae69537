import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { parseJson } from '../../json.ts';
import { equalSecrets } from '../equal-secrets.ts';
import type { CallbackOutcome, CallbackReply, CallbackRequest } from '../platform.ts';
import { boundsFault } from '../request-bounds.ts';
import { pressReply, readPress } from './card-press.ts';

export interface CardCallbackConfig {
  /** `apiSecret` with which the address was registered; '' where none is. */
  secret: string;
  corpId: string;
}

const SIGNATURE = 'x-ddpaas-signature';
const TIMESTAMP = 'x-ddpaas-signature-timestamp';
/** The signature is over the time alone: an old one would open the door for any body. */
const FRESH_MS = 5 * 60_000;

/** Whether the headers look like those of a card's callback. */
export function recognisesCardCallback({ headers }: CallbackRequest): boolean {
  return SIGNATURE in headers;
}

/**
 * Opens the callback of a card over HTTP. The signature is Base64 of HmacSHA256(apiSecret, timestamp):
 * https://open.dingtalk.com/document/development/register-card-callback-address
 * Fails closed: whatever is wrong, the sender gets the same answer.
 */
export function openCardCallback(
  request: CallbackRequest,
  config: CardCallbackConfig,
  { clock }: { clock: Pick<Clock, 'now'> },
): CallbackOutcome {
  const fault = faultOf(request, config, clock.now());
  if (fault !== undefined) return { kind: 'rejected', reason: fault, reply: REJECTED };
  const message = request.body.toString();
  const press = readPress(parseJson(message), config.corpId);
  const reply = answer({});
  if ('reason' in press) return { kind: 'ignored', reason: press.reason, reply, message };
  return { kind: 'press', press, answer: (told) => answer(pressReply(told)), reply, message };
}

const answer = (body: object): CallbackReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const REJECTED: CallbackReply = { ...answer({ error: 'the callback could not be verified' }), status: 403 };

function faultOf(request: CallbackRequest, { secret }: CardCallbackConfig, now: number): string | undefined {
  if (secret === '') return 'no secret for the callbacks of cards is configured';
  if (request.method !== 'POST') return `method ${request.method.slice(0, 16)} instead of POST`;
  const bounds = boundsFault(request);
  if (bounds !== undefined) return bounds;
  const timestamp = request.headers[TIMESTAMP];
  const signature = request.headers[SIGNATURE];
  if (timestamp === undefined || signature === undefined) return 'signature or timestamp is missing from the headers';
  const wanted = createHmac('sha256', secret).update(timestamp).digest('base64');
  if (!equalSecrets(signature, wanted)) return 'wrong signature';
  if (!/^\d{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > FRESH_MS)
    return 'signed at another time than now';
  return undefined;
}
