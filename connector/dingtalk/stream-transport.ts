import { errorMessage } from '../../shared/errors.ts';
import type { CallHttp } from '../../shared/http/call.ts';
import type { Connection, Handlers, Transport } from '../connection.ts';
import { redact } from '../redact.ts';
import { openEndpoint, type StreamApp } from './open-endpoint.ts';
import { StreamClient } from './stream-client.ts';

/** How often the server pings is not documented; users of the official client take a minute and a half for dead. */
const SILENCE_MS = 90_000;

/** DingTalk's Stream mode by its official client. */
export function createStreamTransport(app: StreamApp, http: CallHttp): Transport {
  return {
    platform: 'dingtalk',
    async connect(handlers, signal) {
      try {
        const url = await openEndpoint(app, http, signal);
        signal.throwIfAborted();
        return await openSocket(url, app, handlers, signal);
      } catch (error) {
        throw new Error(redact(errorMessage(error), [app.clientSecret]));
      }
    },
  };
}

async function openSocket(url: string, app: StreamApp, handlers: Handlers, signal: AbortSignal): Promise<Connection> {
  const { promise: left, resolve: leave } = withResolver();
  const client = new StreamClient(app, handlers, () => leave('the server asks for another connection'));
  const opening = client.open(url);
  const drop = () => client.webSocket?.terminate();
  signal.addEventListener('abort', drop, { once: true });
  try {
    await opening;
    if (signal.aborted) drop();
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', drop);
  }
  const socket = client.webSocket;
  if (!socket) throw new Error('the official client holds no socket');
  socket.once('close', (code) => leave(`closed with code ${code}`));
  return { silenceMs: SILENCE_MS, ended: left, close: () => socket.terminate() };
}

function withResolver(): { promise: Promise<string>; resolve: (reason: string) => void } {
  let resolve: (reason: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
