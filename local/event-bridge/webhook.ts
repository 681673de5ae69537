import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { sha256Hex } from '../../shared/ids.ts';
import type { HttpRequest } from '../http/server.ts';
import { type CloudEvent, isTooDeep } from './cloud-event.ts';
import { EventBridgeError } from './event-bridge-error.ts';
import { busArn } from './operations/operation.ts';
import { parseJson } from './parse-request.ts';
import { parseIpv4Block } from './pattern/ipv4-block.ts';
import { type EntryOptions, entryOf } from './put-events.ts';
import type { EventBus, HttpSource } from './state.ts';

export const WEBHOOK_PATH = '/webhook/putEvents';

/** The headers that the open-source peer keeps to itself. */
const DROPPED = new Set(['authorization', 'cookie', 'proxy-authorization']);

interface WebhookOptions extends EntryOptions {
  buses: () => readonly EventBus[];
  region: string;
  accountId: string;
  clock: Pick<Clock, 'now'>;
}

/**
 * `/webhook/putEvents?token=…`: what comes to the URL of an HTTP event source becomes one event on its bus, and the answer
 * is that of PutEvents. The token, the method, the address and the referer are all that is checked:
 * https://help.aliyun.com/zh/eventbridge/user-guide/create-a-custom-event-source-of-the-http-or-https-events-type
 */
export function createWebhook(options: WebhookOptions): (request: HttpRequest) => object {
  return (request) => {
    const { bus, name, http } = findSource(options.buses(), request.query.get('token') ?? '');
    checkConforms(http, request);
    const event = toEvent(options, bus, name, request);
    const entry = entryOf(options, bus, event, request.sourceIp);
    return { FailedEntryCount: 'ErrorCode' in entry ? 1 : 0, EntryList: [entry] };
  };
}

function findSource(buses: readonly EventBus[], token: string): { bus: EventBus; name: string; http: HttpSource } {
  const digest = (text: string) => Buffer.from(sha256Hex(text));
  for (const bus of buses)
    for (const { Name, http } of bus.sources)
      if (http && timingSafeEqual(digest(http.token), digest(token))) return { bus, name: Name, http };
  return refuse();
}

function checkConforms({ Method, SecurityConfig, Ip, Referer }: HttpSource, request: HttpRequest): void {
  if (!Method.includes(request.method)) refuse();
  if (SecurityConfig === 'ip' && !Ip.some((block) => parseIpv4Block(block)?.contains(request.sourceIp))) refuse();
  if (SecurityConfig === 'referer' && !Referer.includes(domainOf(request.headers.referer ?? ''))) refuse();
}

function domainOf(referer: string): string {
  return URL.canParse(referer) ? new URL(referer).hostname : '';
}

/** The peer's code; it tells the caller no more. */
function refuse(): never {
  const message = 'The put events request security check failed.';
  throw new EventBridgeError(409, 'PutEventsRequestSecurityCheckFailed', message);
}

function toEvent(options: WebhookOptions, bus: EventBus, source: string, request: HttpRequest): CloudEvent {
  const headers = Object.entries(request.headers).filter(([name]) => !DROPPED.has(name));
  const query = [...request.query].reverse().filter(([name]) => name !== 'token');
  const data = {
    headers: Object.fromEntries(headers),
    path: WEBHOOK_PATH,
    body: bodyOf(request),
    httpMethod: request.method,
    // Of a name that comes twice the first value counts, and of two entries `fromEntries` takes the last.
    queryString: Object.fromEntries(query),
  };
  return {
    id: options.newId(),
    source,
    specversion: '1.0',
    type: 'eventbridge:Events:HTTPEvent',
    datacontenttype: 'application/json',
    subject: `${busArn(options, bus.EventBusName)}/eventsource/${source}`,
    time: beijingTime(options.clock.now()),
    data,
  };
}

/** An object where the content type says JSON, else the text. A JSON array is refused, as in the peer. */
function bodyOf({ headers, body }: HttpRequest): unknown {
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return body.toString();
  const json = parseJson(body);
  if (typeof json === 'object' && json !== null && !Array.isArray(json) && !isTooDeep(json)) return json;
  throw new EventBridgeError(409, 'JsonAttributeInvalid', 'The Json attribute is invalid');
}

/** `2022-03-03T11:33:14.093+08:00`, as in the sample of the document. */
function beijingTime(now: number): string {
  return new Date(now + 8 * 3_600_000).toISOString().replace('Z', '+08:00');
}
