import type { WebSocket } from 'ws';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log.ts';
import { parseJson } from '../../parse-json.ts';
import { type DownFrame, type Subscription, type UpFrame, UpFrameSchema } from './frames.ts';

/** How often a ping is sent is not documented. */
const PING_EVERY_MS = 30_000;
/** A client that is asked to go has this long until the socket is closed. */
const LEAVE_WITHIN_MS = 10_000;

/** One client's connection. */
export interface StreamConnection {
  id: string;
  /** Whether this goes to it: it subscribed to it, and was not asked to leave. */
  isTaking(type?: Subscription['type'], topic?: string): boolean;
  /** Sends a frame and gives the answer to it, or undefined if none came in time. */
  ask(frame: DownFrame, withinMs: number): Promise<UpFrame | undefined>;
  /** Sends literally this. */
  sendText(text: string): void;
  /** Asks the client to open another connection, and closes this one a little later. */
  leave(reason: string): void;
  /** From now on nothing is sent and nothing is read, as when a router on the way forgets the connection. */
  freeze(): void;
  /** Cuts it. */
  cut(): void;
}

export function createStreamConnection(options: {
  id: string;
  socket: WebSocket;
  subscriptions: readonly Subscription[];
  appKey: string;
  /** The machine's own time: how long a client has to answer. */
  wire: Clock;
  newId: () => string;
  log: Log;
}): StreamConnection {
  const { id, socket, wire, newId, log } = options;
  const gone = new AbortController();
  const waiting = new Map<string, (frame: UpFrame) => void>();
  let taking = true;
  let frozen = false;
  const send = (text: string) => void (!frozen && socket.readyState === socket.OPEN && socket.send(text));
  const connection: StreamConnection = {
    id,
    isTaking: (type = 'EVENT', topic = '*') =>
      taking && options.subscriptions.some((wanted) => wanted.type === type && wanted.topic === topic),
    sendText: send,
    async ask(frame, withinMs) {
      const messageId = frame.headers['messageId'] ?? '';
      const answered = new AbortController();
      const answer = new Promise<UpFrame>((resolve) => waiting.set(messageId, resolve));
      send(JSON.stringify(frame));
      const ends = AbortSignal.any([answered.signal, gone.signal]);
      const late = wire.sleep(withinMs, ends).catch(() => undefined);
      try {
        return await Promise.race([answer, late.then(() => undefined)]);
      } finally {
        waiting.delete(messageId);
        answered.abort();
      }
    },
    leave(reason) {
      if (!taking) return;
      taking = false;
      send(JSON.stringify(systemFrame('disconnect', { reason })));
      wire.sleep(LEAVE_WITHIN_MS, gone.signal).then(
        () => socket.close(),
        () => undefined,
      );
    },
    freeze() {
      frozen = true;
    },
    cut: () => socket.terminate(),
  };
  const systemFrame = (topic: string, data: object): DownFrame => ({
    specVersion: '1.0',
    type: 'SYSTEM',
    headers: frameHeaders(topic, { id, appKey: options.appKey, messageId: newId(), time: wire.now() }),
    data: JSON.stringify(data),
  });
  socket.on('message', (data) => {
    if (frozen) return;
    const frame = parseJson(UpFrameSchema, data.toString());
    if (!frame) return log.warn('stream frame not understood', { connection: id });
    return waiting.get(frame.headers.messageId)?.(frame);
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    taking = false;
    gone.abort(new Error('the connection is closed'));
  });
  void keepAlive(connection, () => systemFrame('ping', { opaque: newId() }), wire, gone.signal);
  return connection;
}

/** The headers that every frame has. */
export function frameHeaders(
  topic: string,
  about: { id: string; appKey: string; messageId: string; time: number },
): Record<string, string> {
  const { id: connectionId, appKey: appId, messageId } = about;
  return { appId, connectionId, contentType: 'application/json', messageId, time: String(about.time), topic };
}

async function keepAlive(
  connection: StreamConnection,
  ping: () => DownFrame,
  wire: Clock,
  gone: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await wire.sleep(PING_EVERY_MS, gone);
      const answer = await connection.ask(ping(), PING_EVERY_MS);
      gone.throwIfAborted();
      if (!answer) return connection.leave('persistent connection is timeout');
    }
  } catch {
    // The connection is closed.
  }
}
