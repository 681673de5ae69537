import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log.ts';
import type { HttpRequest, HttpResponse } from '../../http/server.ts';
import { type ClientConnection, createClientConnection } from './client-connection.ts';
import { CLIENT_CONFIG, type ClientConfig, CONNECT_PATH, createEndpoint, ENDPOINT_PATH } from './endpoint.ts';

/** https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/request-url-configuration-case */
const ANSWER_WITHIN_MS = 3_000;
/** https://open.feishu.cn/document/ukTMukTMukTM/uUTNz4SN1MjL1UzM */
const RETRY_AFTER_MS = [15_000, 300_000, 3_600_000, 21_600_000];

export interface LongConnectionGatewayOptions {
  /** The service's time: addresses and retries. */
  clock: Clock;
  /** The machine's own time, by which a client on the wire is measured: answers. */
  wire: Clock;
  log: Log;
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  /** 0 to below 1: which of several connections gets an event. */
  random: () => number;
  app: { app_id: string; app_secret: string };
  /** What clients are told beside the address. */
  clientConfig?: ClientConfig;
  /** A longer message comes in several frames; where the real server splits is not known. */
  fragmentBytes?: number;
}

export interface LongConnectionGateway {
  /** The answer to `POST /callback/ws/endpoint`; undefined for any other request. */
  handle(request: HttpRequest): HttpResponse | undefined;
  /** Takes over the socket of an upgrade to `/ws/v2`; false, and nothing done, for any other path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Delivers an event with its envelope, again where it has to be; says whether a client took it in the end. */
  emit(envelope: object): Promise<'taken' | 'failed'>;
  /** A callback with its envelope: sent once. Gives what the client's handler returned as JSON, or why there is nothing. */
  call(envelope: object): Promise<{ body: Buffer } | { reason: string }>;
  connections(): ClientConnection[];
  /** How often an address was asked for. */
  asked(): number;
  /** Cuts all connections and ends all retries. */
  close(): Promise<void>;
}

/** Lark's long connection, as the official SDKs speak it; the vendor's pages do not describe the wire. */
export function createLongConnectionGateway(options: LongConnectionGatewayOptions): LongConnectionGateway {
  const { clock, log, newId, random, clientConfig = CLIENT_CONFIG, fragmentBytes = Number.POSITIVE_INFINITY } = options;
  const open = new Map<string, ClientConnection>();
  const endpoint = createEndpoint({ ...options, clientConfig, open: () => open.size });
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  const server = new WebSocketServer({ noServer: true });
  const choose = () => [...open.values()][Math.floor(random() * open.size)];
  const attempt = async (envelope: object): Promise<boolean> => {
    const connection = choose();
    if (!connection) log.warn('event not sent', { reason: 'app not online' });
    const code = (await connection?.ask(envelope, ANSWER_WITHIN_MS))?.code;
    if (connection) log.info('event answered', { connection: connection.id, code: code ?? 'none in time' });
    return code === 200;
  };
  const emit = async (envelope: object): Promise<'taken' | 'failed'> => {
    for (const waitMs of [0, ...RETRY_AFTER_MS]) {
      if (waitMs > 0) await clock.sleep(waitMs, closing.signal);
      if (await attempt(envelope)) return 'taken';
    }
    return 'failed';
  };
  return {
    handle: (request) =>
      request.rawPath === ENDPOINT_PATH && request.method === 'POST' ? endpoint.answer(request) : undefined,
    upgrade(request, socket, head) {
      const url = new URL(request.url ?? '/', 'ws://127.0.0.1');
      if (url.pathname !== CONNECT_PATH) return false;
      if (!endpoint.take(url.searchParams.get('ticket') ?? '')) {
        socket.end(REFUSED);
        return true;
      }
      const service = Number(url.searchParams.get('service_id'));
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const id = newId();
        const about = { ...options, id, socket: webSocket, service, clientConfig, fragmentBytes };
        open.set(id, createClientConnection(about));
        webSocket.once('close', () => open.delete(id));
        log.info('long connection opened', { connection: id });
      });
      return true;
    },
    emit(envelope) {
      const delivery = emit(envelope).catch(() => 'failed' as const);
      running.add(delivery);
      return delivery.finally(() => running.delete(delivery));
    },
    async call(envelope) {
      const connection = choose();
      if (!connection) return { reason: 'app not online' };
      const answer = await connection.ask(envelope, ANSWER_WITHIN_MS);
      if (!answer) return { reason: 'no answer in time' };
      if (answer.code !== 200) return { reason: `the answer has the code ${answer.code}` };
      return { body: Buffer.from(answer.data ?? '', 'base64') };
    },
    connections: () => [...open.values()],
    asked: endpoint.asked,
    async close() {
      closing.abort(new Error('the service is closing'));
      for (const connection of open.values()) connection.cut();
      await Promise.all(running);
    },
  };
}

/** The headers that the official SDKs for Go and Python read; the status is not known. */
const REFUSED = [
  'HTTP/1.1 401 Unauthorized',
  'Handshake-Status: 514',
  'Handshake-Msg: auth failed',
  'Handshake-Autherrcode: 1000040343',
  'Connection: close',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');
