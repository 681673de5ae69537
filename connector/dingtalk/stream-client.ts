import { DWClient } from 'dingtalk-stream';
import { WebSocket } from 'ws';
import { errorMessage } from '../../shared/errors.ts';
import type { Handlers } from '../connection.ts';
import { readFrame } from './read-frame.ts';

/**
 * The official client, for one connection, without what makes it unfit for a long life: it reconnects by itself twice
 * for every failure, dies of a frame that is not JSON and of a listener that throws, takes only listeners that answer at
 * once, and acknowledges what it does not know. Its socket and its address are private in the types only.
 */
export class StreamClient extends DWClient {
  readonly #handlers: Handlers;
  readonly #onLeave: () => void;

  constructor(app: { clientId: string; clientSecret: string }, handlers: Handlers, onLeave: () => void) {
    const { clientId, clientSecret } = app;
    super({ clientId, clientSecret, keepAlive: false, debug: false });
    this.config.autoReconnect = false;
    this.#handlers = handlers;
    this.#onLeave = onLeave;
  }

  /** Opens the socket; rejects if the handshake fails. */
  async open(url: string): Promise<void> {
    Reflect.set(this, 'dw_url', url);
    await this._connect();
  }

  get webSocket(): WebSocket | undefined {
    const socket: unknown = Reflect.get(this, 'socket');
    return socket instanceof WebSocket ? socket : undefined;
  }

  override onDownStream(data: string): void {
    this.#handlers.onFrame();
    const text = String(data);
    const frame = readFrame(text);
    if (frame.kind === 'fault') this.#handlers.onFault(frame.reason);
    else if (frame.kind === 'event') void this.#answer(frame.messageId, frame.event);
    else if (frame.kind === 'callback') void this.#answerCallback(frame.messageId, frame.callback);
    else this.#onSystemFrame(text, frame.leave);
  }

  #onSystemFrame(text: string, leave: boolean): void {
    try {
      super.onDownStream(text);
    } catch (error) {
      this.#handlers.onFault(errorMessage(error));
    }
    if (leave) this.#onLeave();
  }

  async #answer(messageId: string, event: Parameters<Handlers['onEvent']>[0]): Promise<void> {
    try {
      const status = (await this.#handlers.onEvent(event)) === 'done' ? 'SUCCESS' : 'LATER';
      this.send(messageId, { status, message: status === 'SUCCESS' ? 'taken' : 'not taken' });
    } catch (error) {
      this.#handlers.onFault(errorMessage(error));
    }
  }

  async #answerCallback(messageId: string, callback: Parameters<Handlers['onCallback']>[0]): Promise<void> {
    try {
      const response = await this.#handlers.onCallback(callback);
      if (response !== undefined) this.socketCallBackResponse(messageId, response);
    } catch (error) {
      this.#handlers.onFault(errorMessage(error));
    }
  }
}
