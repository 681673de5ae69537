import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What happens on a connection once a request's headers are complete; `write` and `end` of the socket do the rest. */
export type Behaviour = (socket: Socket, request: string) => void;

export interface RawServer {
  origin: string;
  port: number;
  /** Requests as they came, headers and body, oldest first. */
  requests: string[];
  connections(): number;
  /** Resolves once a client has closed or lost a connection. */
  gone(): Promise<void>;
  close(): Promise<void>;
}

/** A server that speaks bytes, for everything that an HTTP server of node's would refuse to send. */
export async function serveRaw(behaviour: Behaviour, port = 0): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  let onGone = () => {};
  const gone = new Promise<void>((resolve) => {
    onGone = resolve;
  });
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      if (!seen.includes('\r\n\r\n')) return;
      const request = seen;
      seen = '';
      requests.push(request);
      behaviour(socket, request);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      onGone();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    connections: () => connections,
    gone: () => gone,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** An answer as it stands on the wire. */
export function answer(body: string | Buffer, { status = '200 OK', headers = '' } = {}): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers}content-length: ${bytes.length}\r\n\r\n`), bytes]);
}

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

/** Answers that are none, or not whole: every client must take each for a failure that passes. */
export const BROKEN: Readonly<Record<string, Behaviour>> = {
  'a cut before the answer': (socket) => socket.destroy(),
  'an end before the answer': (socket) => socket.end(),
  'a reset': (socket) => socket.resetAndDestroy(),
  'a cut in the headers': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
  'a body cut short': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"errcode":0}'),
  'chunks cut short': (socket) => socket.end(`${CHUNKED}d\r\n{"errcode":0}\r\n`),
  'a chunk cut short': (socket) => socket.end(`${CHUNKED}ff\r\n{"errcode":0}`),
  'bytes that are no HTTP': (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  'headers without end': (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(200_000)}\r\n\r\n`),
  'two lengths that differ': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x'),
  'no answer at all': () => undefined,
  'headers and then nothing': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'),
  'half a body and then nothing': (socket) => socket.write(`${CHUNKED}d\r\n{"errcode":0}\r\n`),
  'a byte now and then, without end': (socket) => {
    socket.write(CHUNKED);
    const drip = setInterval(() => socket.write('1\r\n \r\n'), 10);
    socket.on('close', () => clearInterval(drip));
  },
};
