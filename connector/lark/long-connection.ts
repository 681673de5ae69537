import type { Duplex } from 'node:stream';
import { LoggerLevel, WSClient } from '@larksuiteoapi/node-sdk';
import { errorMessage } from '../../shared/errors.ts';
import type { CallHttp } from '../../shared/http/call.ts';
import type { Connection, Handlers, Transport } from '../connection.ts';
import { redact } from '../redact.ts';
import { createObservedAgent } from './observed-agent.ts';
import { createHttpInstance, HandedOn, readEndpoint } from './sdk-parts.ts';

export interface LarkApp {
  appId: string;
  appSecret: string;
  /** https://open.feishu.cn */
  endpoint: string;
  /** Types of messages that are callbacks: they want an answer with something in it. */
  callbackTypes: readonly string[];
}

/** A pong comes soon after each ping; this long after the next one is due the connection counts as dead. */
const PONG_WITHIN_MS = 30_000;

/** Lark's long connection by its official client, one client a connection. */
export function createLongConnection(app: LarkApp, http: CallHttp): Transport {
  return {
    platform: 'lark',
    async connect(handlers, signal) {
      const attempt = startAttempt(app, http, handlers);
      const drop = () => attempt.close();
      signal.addEventListener('abort', drop, { once: true });
      try {
        const connection = await attempt.opened;
        signal.throwIfAborted();
        return connection;
      } catch (error) {
        attempt.close();
        throw new Error(redact(errorMessage(error), [app.appSecret]));
      } finally {
        signal.removeEventListener('abort', drop);
      }
    },
  };
}

function startAttempt(
  app: LarkApp,
  http: CallHttp,
  handlers: Handlers,
): { opened: Promise<Connection>; close(): void } {
  let socket: Duplex | undefined;
  let silenceMs = Number.POSITIVE_INFINITY;
  let said = '';
  // The first is the cause; what the SDK says later only follows from it.
  const note = (...words: unknown[]) => {
    said ||= words.flat().map(errorMessage).join(' ');
  };
  const quiet = () => undefined;
  const logger = { error: note, warn: quiet, info: quiet, debug: quiet, trace: quiet };
  const dispatcher = new HandedOn(handlers, app.callbackTypes, logger);
  let client: WSClient | undefined;
  const gone = new AbortController();
  const close = () => {
    gone.abort(new Error('this connection is given up'));
    client?.close({ force: true });
    socket?.destroy();
  };
  const opened = new Promise<Connection>((resolve, reject) => {
    const ended = new Promise<string>((end) => {
      const agent = createObservedAgent(app.endpoint.startsWith('https:'), (seen) => {
        socket = seen;
        seen.on('data', () => handlers.onFrame());
        seen.once('close', () => end('the socket is closed'));
      });
      client = new WSClient({
        appId: app.appId,
        appSecret: app.appSecret,
        domain: app.endpoint,
        autoReconnect: false,
        loggerLevel: LoggerLevel.error,
        logger,
        agent,
        httpInstance: createHttpInstance(http, gone.signal, (answer) => {
          silenceMs = readEndpoint(answer).pingIntervalMs + PONG_WITHIN_MS;
        }),
        onReady: () => resolve({ silenceMs, ended, close }),
        onError: () => reject(new Error(said || 'the SDK gave no reason')),
      });
    });
    client?.start({ eventDispatcher: dispatcher }).catch(reject);
  });
  return { opened, close };
}
