import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection } from '../callers.ts';

export interface HttpRequest {
  method: string;
  /** Path as sent, still percent-encoded, without the query. */
  rawPath: string;
  /** Query as sent, without the question mark; empty when there is none. */
  rawQuery: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: IncomingHttpHeaders;
  body: Buffer;
  sourceIp: string;
  /** Absent where a request did not come through a port. */
  connection?: Connection;
}

export interface HttpResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** `signal` is aborted when the client goes away or the server closes. */
export type HttpHandler = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** Thrown by a handler to cut the connection without an answer, as a crashed or unreachable service would. */
export class ConnectionCut extends Error {}

/** Takes over the socket of a request for a WebSocket, or gives false, and the connection is cut. */
export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface RunningServer {
  port: number;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Closes the port and every open connection. */
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 256 * 1024;

/** Serves `handler` on loopback. A body over `maxBodyBytes` (default 40 MB) is answered with 413 before the handler sees it. */
export async function serve(
  handler: HttpHandler,
  options: { port?: number; maxBodyBytes?: number; onError?: (error: unknown) => void; onUpgrade?: OnUpgrade } = {},
): Promise<RunningServer> {
  const closing = new AbortController();
  // The official SDKs put a whole script into the query of a call, which node counts as a header.
  const server = createServer({ keepAliveTimeout: 65_000, maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    answer(handler, request, response, options.maxBodyBytes ?? 40 * 1024 * 1024, closing.signal).catch((error) => {
      options.onError?.(error);
      response.destroy();
    });
  });
  const { onUpgrade } = options;
  if (onUpgrade) {
    server.on('upgrade', (request, socket, head) => {
      if (!onUpgrade(request, socket, head)) socket.destroy();
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, origin: `http://127.0.0.1:${port}`, close: () => closeServer(server, closing) };
}

async function answer(
  handler: HttpHandler,
  request: IncomingMessage,
  response: ServerResponse,
  maxBodyBytes: number,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the client went away')));
  const body = await readBody(request, maxBodyBytes);
  if (body === 'too large') return send(response, { status: 413, body: 'request entity too large' });
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const rawQuery = question < 0 ? '' : url.slice(question + 1);
  try {
    const result = await handler(
      {
        method: request.method ?? 'GET',
        rawPath: question < 0 ? url : url.slice(0, question),
        rawQuery,
        query: new URLSearchParams(rawQuery),
        headers: request.headers,
        body,
        sourceIp: request.socket.remoteAddress ?? '',
        ...connectionOf(request.socket),
      },
      AbortSignal.any([gone.signal, closing]),
    );
    send(response, result);
  } catch (error) {
    if (!(error instanceof ConnectionCut)) throw error;
    response.destroy();
  }
}

const connections = new WeakMap<Socket, Connection>();

/** The same object for every request of one connection. */
function connectionOf(socket: Socket): { connection?: Connection } {
  const { remotePort, localPort } = socket;
  if (remotePort === undefined || localPort === undefined) return {};
  const connection = connections.get(socket) ?? { from: remotePort, to: localPort };
  connections.set(socket, connection);
  return { connection };
}

async function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? 'too large' : Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: HttpResponse): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
  response.end(bytes);
}

async function closeServer(server: Server, closing: AbortController): Promise<void> {
  closing.abort(new Error('the server is closing'));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
