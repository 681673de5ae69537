import type { Clock } from '../../clock.ts';
import { parseJson } from '../../json.ts';
import type { CallbackOutcome, CallbackRequest } from '../platform.ts';
import { pressReply, readPress } from './card-press.ts';
import { hmacBase64, jsonAnswer, REJECTED, timeSignedFault } from './time-signed.ts';

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
  const reply = jsonAnswer({});
  if ('reason' in press) return { kind: 'ignored', reason: press.reason, reply, message };
  return { kind: 'press', press, answer: (told) => jsonAnswer(pressReply(told)), reply, message };
}

function faultOf(request: CallbackRequest, { secret }: CardCallbackConfig, now: number): string | undefined {
  if (secret === '') return 'no secret for the callbacks of cards is configured';
  const sign = (timestamp: string) => hmacBase64(secret, timestamp);
  return timeSignedFault(request, { timestamp: TIMESTAMP, signature: SIGNATURE, sign, withinMs: FRESH_MS }, now);
}
