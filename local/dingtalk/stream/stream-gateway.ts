import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log.ts';
import type { HttpRequest, HttpResponse } from '../../http/server.ts';
import { parseJson } from '../../parse-json.ts';
import { CallbackAnswerSchema, type DownFrame, EventAnswerSchema, type StreamEvent, type UpFrame } from './frames.ts';
import { createStreamConnection, frameHeaders, type StreamConnection } from './stream-connection.ts';
import { CONNECT_PATH, createTickets, OPEN_PATH } from './tickets.ts';

/** An event without an answer in about 3 s is pushed again. */
const ANSWER_WITHIN_MS = 3_000;
/** The general schedule of events; none is documented for Stream. */
const RETRY_AFTER_MS = [10_000, 30_000];

export interface StreamGatewayOptions {
  /** The service's time: tickets and retries. */
  clock: Clock;
  /** The machine's own time, by which a client on the wire is measured: answers, pings, closing. */
  wire: Clock;
  log: Log;
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  /** 0 to below 1: which of several connections gets an event. */
  random: () => number;
  app: { appKey: string; appSecret: string };
  corpId: string;
}

export interface StreamGateway {
  /** The answer to `POST /v1.0/gateway/connections/open`; undefined for any other request. */
  handle(request: HttpRequest): HttpResponse | undefined;
  /** Takes over the socket of an upgrade to `/connect`; false, and nothing done, for any other path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Delivers an event, again where it has to be; says whether a client took it in the end. */
  emit(event: StreamEvent): Promise<'taken' | 'failed'>;
  /**
   * What somebody did in a chat: sent once, to a connection that subscribed to this topic. Gives the `response` of the
   * answer, or why there is none.
   */
  call(topic: string, data: object, withinMs: number): Promise<{ response: unknown } | { reason: string }>;
  connections(): StreamConnection[];
  /** How often a connection was asked for. */
  asked(): number;
  /** Cuts all connections and ends all retries. */
  close(): Promise<void>;
}

/** DingTalk's Stream mode (https://opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol). */
export function createStreamGateway(options: StreamGatewayOptions): StreamGateway {
  const { clock, log, newId, random, app } = options;
  const tickets = createTickets(options);
  const open = new Map<string, StreamConnection>();
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  const server = new WebSocketServer({ noServer: true });
  const choose = (...what: Parameters<StreamConnection['isTaking']>) => {
    const taking = [...open.values()].filter((connection) => connection.isTaking(...what));
    return taking[Math.floor(random() * taking.length)];
  };
  const emit = async (event: StreamEvent): Promise<'taken' | 'failed'> => {
    for (const waitMs of [0, ...RETRY_AFTER_MS]) {
      if (waitMs > 0) await clock.sleep(waitMs, closing.signal);
      if (await attempt(event, choose(), options)) return 'taken';
    }
    log.warn('event failed', { event: event.eventType, event_id: event.eventId });
    return 'failed';
  };
  return {
    handle: (request) =>
      request.rawPath === OPEN_PATH && request.method === 'POST' ? tickets.open(request) : undefined,
    upgrade(request, socket, head) {
      const url = new URL(request.url ?? '/', 'ws://127.0.0.1');
      if (url.pathname !== CONNECT_PATH) return false;
      const subscriptions = tickets.take(url.searchParams.get('ticket') ?? '');
      if (!subscriptions) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return true;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const id = newId();
        open.set(id, createStreamConnection({ ...options, id, subscriptions, socket: webSocket, appKey: app.appKey }));
        webSocket.once('close', () => open.delete(id));
        log.info('stream connected', { connection: id });
      });
      return true;
    },
    emit(event) {
      const delivery = emit(event).catch(() => 'failed' as const);
      running.add(delivery);
      return delivery.finally(() => running.delete(delivery));
    },
    async call(topic, data, withinMs) {
      const connection = choose('CALLBACK', topic);
      if (!connection) return { reason: `no client is connected in Stream mode that subscribed to ${topic}` };
      const answer = await connection.ask(callbackFrame(topic, data, connection.id, options), withinMs);
      if (!answer) return { reason: 'no answer in time' };
      if (answer.code !== 200) return { reason: `the answer has the code ${answer.code}` };
      return parseJson(CallbackAnswerSchema, answer.data ?? '') ?? { reason: 'the answer has no response' };
    },
    connections: () => [...open.values()],
    asked: tickets.asked,
    async close() {
      closing.abort(new Error('the service is closing'));
      for (const connection of open.values()) connection.cut();
      await Promise.all(running);
    },
  };
}

async function attempt(
  event: StreamEvent,
  connection: StreamConnection | undefined,
  options: StreamGatewayOptions,
): Promise<boolean> {
  const { log, wire } = options;
  const fields = { event: event.eventType, event_id: event.eventId, connection: connection?.id };
  log.info('event sent', fields);
  const answer = await connection?.ask(eventFrame(event, connection.id, options), ANSWER_WITHIN_MS);
  const taken = answer !== undefined && isTaken(answer);
  if (taken) log.info('event answered', { ...fields, at: wire.now() });
  else log.warn('event not taken', { ...fields, reason: answer ? 'put off' : 'no answer' });
  return taken;
}

function eventFrame(event: StreamEvent, id: string, { app, corpId, newId, wire }: StreamGatewayOptions): DownFrame {
  return {
    specVersion: '1.0',
    type: 'EVENT',
    headers: {
      ...frameHeaders('*', { id, appKey: app.appKey, messageId: newId(), time: wire.now() }),
      eventType: event.eventType,
      eventId: event.eventId,
      eventCorpId: corpId,
      eventBornTime: String(event.eventBornTime),
      eventUnifiedAppId: app.appKey,
    },
    data: JSON.stringify(event.data),
  };
}

function callbackFrame(topic: string, data: object, id: string, options: StreamGatewayOptions): DownFrame {
  const { app, newId, wire } = options;
  const headers = frameHeaders(topic, { id, appKey: app.appKey, messageId: newId(), time: wire.now() });
  return { specVersion: '1.0', type: 'CALLBACK', headers, data: JSON.stringify(data) };
}

/** The code decides, and `status` where there is one. */
function isTaken({ code, data }: UpFrame): boolean {
  if (code !== 200) return false;
  const status = data === undefined ? undefined : parseJson(EventAnswerSchema, data)?.status;
  return status === undefined || status === 'SUCCESS';
}
