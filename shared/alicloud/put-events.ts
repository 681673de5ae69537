import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { PermanentError, TransientError } from '../errors.ts';
import type { CallHttp, HttpAnswer } from '../http/call.ts';
import type { Credentials } from './credentials.ts';

/** What a sender says of an event; the rest of the CloudEvents 1.0 envelope is filled in. */
export interface CloudEventInput {
  /** At most 128 of letters, digits and `-`. The pair of source and id names the event: resending it is harmless. */
  id: string;
  source: string;
  type: string;
  subject?: string;
  /** RFC 3339. */
  time: string;
  /** Any JSON value. */
  data: unknown;
}

export interface EventPublisher {
  /**
   * Publishes at most 16 events of 64 KB each to one custom bus. Throws TransientError when sending all of them again
   * may help, PermanentError when it cannot; either way some of the events may have been accepted.
   */
  putEvents(bus: string, events: readonly CloudEventInput[]): Promise<void>;
}

/**
 * What a RAM policy must allow for each call:
 * https://alibabacloud.com/help/en/ram/developer-reference/aliyuneventbridgeputeventspolicy
 */
export const EVENT_PUBLISHER_ACTIONS = {
  putEvents: ['eventbridge:PutEvents'],
} as const satisfies Record<keyof EventPublisher, readonly string[]>;

export interface EventPublisherOptions {
  /** `https://<account>.eventbridge.<region>.aliyuncs.com`, or an embedded one at `http://…`. */
  endpoint: string;
  credentials: () => Credentials;
  http: CallHttp;
  clock: Clock;
  /** 32 hexadecimal digits, new at every call. */
  nonce: () => string;
}

const SERVICE = 'event-bridge';
const PATH = '/openapi/putEvents';
const CONTENT_TYPE = 'application/cloudevents-batch+json; charset=utf-8';
const MAX_ANSWER_BYTES = 256 * 1024;

/** Codes that pass by themselves: throttling, faults of the service, and keys that the runtime will replace. */
const TRANSIENT_CODE = /^(TooManyRequests|Throttling.*|Internal.*|Service(Unavailable|Busy).*|StsAccessIdExpired)$/;

/** The answer in both of its shapes: PascalCase when accepted, lower camel for an error. */
const Answer = z.object({
  FailedEntryCount: z.nullish(z.number()),
  EntryList: z.nullish(z.array(z.object({ ErrorCode: z.nullish(z.string()) }))),
  code: z.nullish(z.string()),
  requestId: z.nullish(z.string()),
});
type Answer = z.infer<typeof Answer>;

/**
 * PutEvents as @alicloud/eventbridge 1.3.2 sends it, without that SDK's 105 to 155 ms of cold start. Like the SDK, it never
 * retries.
 */
export function createEventPublisher(options: EventPublisherOptions): EventPublisher {
  const url = `${options.endpoint.replace(/\/$/, '')}${PATH}`;
  return {
    async putEvents(bus, events) {
      const headers = signedHeaders(
        options.credentials(),
        new Date(options.clock.now()).toUTCString(),
        options.nonce(),
      );
      const body = JSON.stringify(events.map((event) => toWire(bus, event)));
      const call = { service: SERVICE, method: 'POST', url, headers, body, maxAnswerBytes: MAX_ANSWER_BYTES } as const;
      checkAnswer(bus, await options.http(call));
    },
  };
}

/** The order of the keys is the SDK's. */
function toWire(bus: string, { id, source, type, subject, time, data }: CloudEventInput): object {
  return {
    id,
    source,
    specversion: '1.0',
    type,
    datacontenttype: 'application/json; charset=utf-8',
    subject,
    time,
    data,
    aliyuneventbusname: bus,
  };
}

function signedHeaders(
  { accessKeyId, accessKeySecret, securityToken }: Credentials,
  date: string,
  nonce: string,
): Record<string, string> {
  const acsHeaders: Record<string, string> = {
    ...(securityToken ? { 'x-acs-accesskey-id': accessKeyId, 'x-acs-security-token': securityToken } : {}),
    'x-acs-signature-method': 'HMAC-SHA1',
    'x-acs-signature-nonce': nonce,
    'x-acs-signature-version': '1.0',
  };
  const canonicalHeaders = Object.entries(acsHeaders).map(([name, value]) => `${name}:${value}\n`);
  const stringToSign = `POST\n\n${CONTENT_TYPE}\n${date}\n${canonicalHeaders.join('')}${PATH}`;
  const signature = createHmac('sha1', accessKeySecret).update(stringToSign).digest('base64');
  return {
    ...acsHeaders,
    accept: 'application/json',
    authorization: `acs:${accessKeyId}:${signature}`,
    'content-type': CONTENT_TYPE,
    date,
    'x-eventbridge-version': '2015-06-06',
  };
}

function checkAnswer(bus: string, { status, body }: HttpAnswer): void {
  const answer = parseAnswer(body.toString('utf8'));
  if (status < 200 || status > 299) throw failure(bus, status, answer?.code, answer?.requestId);
  if (!answer) throw failure(bus, status);
  if (answer.code && answer.code !== 'Success') throw failure(bus, status, answer.code, answer.requestId);
  const failed = (answer.EntryList ?? []).flatMap(({ ErrorCode }) => ErrorCode ?? []);
  if (answer.FailedEntryCount === 0 && failed.length === 0) return;
  throw failure(bus, status, failed.find((code) => TRANSIENT_CODE.test(code)) ?? failed[0]);
}

function parseAnswer(text: string): Answer | undefined {
  try {
    return z.safeParse(Answer, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * An answer that names no code is not the service's own (a proxy's page, half an answer), so it is worth another try.
 * The service's message is left out: for a bad signature it repeats what was signed, tokens included.
 */
function failure(bus: string, status: number, code?: string | null, requestId?: string | null): Error {
  const known = code && /^[\w.-]{1,64}$/.test(code) ? code : undefined;
  const request = requestId && /^[\w-]{1,64}$/.test(requestId) ? `, request ${requestId}` : '';
  const what = `${SERVICE}: PutEvents to the bus ${bus} answered ${known ?? 'nothing readable'} (HTTP ${status}${request})`;
  const transient = status >= 500 || status === 429 || known === undefined || TRANSIENT_CODE.test(known);
  if (transient) return new TransientError(`${SERVICE}.${known ?? 'unreadable_answer'}`, `${what}; try again`);
  return new PermanentError(`${SERVICE}.${known}`, `${what}; check the keys, the role's policy, the bus and the event`);
}
