import type { WebSocket } from 'ws';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log.ts';
import { parseJson } from '../../parse-json.ts';
import type { ClientConfig } from './endpoint.ts';
import { type Answer, AnswerSchema, CONTROL, DATA, decodeFrame, encodeFrame, type Frame } from './frames.ts';

/** One client's connection. */
export interface ClientConnection {
  id: string;
  /** Sends a message as an event and gives the answer, or undefined if none came in time. */
  ask(message: object, withinMs: number): Promise<Answer | undefined>;
  /** Sends literally these bytes. */
  sendBytes(bytes: Buffer): void;
  /** From now on nothing is sent and nothing is read, as when a router on the way forgets the connection. */
  freeze(): void;
  /** Closes it as the server now and then does. */
  leave(): void;
  /** Cuts it. */
  cut(): void;
}

export function createClientConnection(options: {
  id: string;
  socket: WebSocket;
  service: number;
  clientConfig: ClientConfig;
  /** A payload longer than this comes in several frames. */
  fragmentBytes: number;
  /** The machine's own time: how long a client has to answer. */
  wire: Clock;
  newId: () => string;
  log: Log;
}): ClientConnection {
  const { id, socket, service, wire, newId, log } = options;
  const gone = new AbortController();
  const waiting = new Map<string, (answer: Answer) => void>();
  let frozen = false;
  let sent = 0n;
  const send = (bytes: Buffer) => void (!frozen && socket.readyState === socket.OPEN && socket.send(bytes));
  const frameOf = (method: number, headers: Frame['headers'], payload: Buffer): Frame => {
    sent += 1n;
    // The ids of the real server are beyond what a number of JavaScript holds.
    return { SeqID: 2n ** 60n + sent, LogID: 2n ** 61n + sent, service, method, headers, payload };
  };
  const onControl = ({ headers }: Frame) => {
    if (headers['type'] !== 'ping') return;
    const config = Buffer.from(JSON.stringify(options.clientConfig));
    send(encodeFrame(frameOf(CONTROL, { type: 'pong' }, config)));
  };
  const onAnswer = ({ headers, payload }: Frame) => {
    const answer = parseJson(AnswerSchema, payload?.toString('utf8') ?? '');
    if (answer) waiting.get(headers['message_id'] ?? '')?.(answer);
  };
  socket.on('message', (data, isBinary) => {
    if (frozen) return;
    const frame = isBinary && Buffer.isBuffer(data) ? decodeFrame(data) : undefined;
    if (frame?.method === CONTROL) onControl(frame);
    else if (frame?.method === DATA) onAnswer(frame);
    else log.warn('long connection frame not understood', { connection: id });
  });
  socket.on('error', () => undefined);
  socket.once('close', () => gone.abort(new Error('the connection is closed')));
  return {
    id,
    sendBytes: send,
    async ask(message, withinMs) {
      const messageId = newId();
      const answered = new AbortController();
      const answer = new Promise<Answer>((resolve) => waiting.set(messageId, resolve));
      const parts = split(Buffer.from(JSON.stringify(message)), options.fragmentBytes);
      const about = { type: 'event', message_id: messageId, trace_id: newId(), timestamp: String(wire.now()) };
      for (const [seq, part] of parts.entries()) {
        const headers = { ...about, sum: String(parts.length), seq: String(seq) };
        send(encodeFrame(frameOf(DATA, headers, part)));
      }
      const late = wire.sleep(withinMs, AbortSignal.any([answered.signal, gone.signal])).catch(() => undefined);
      try {
        return await Promise.race([answer, late.then(() => undefined)]);
      } finally {
        waiting.delete(messageId);
        answered.abort();
      }
    },
    freeze() {
      frozen = true;
    },
    leave: () => socket.close(),
    cut: () => socket.terminate(),
  };
}

function split(bytes: Buffer, size: number): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
