import type { PlatformName } from '../shared/ids.ts';
import type { ApprovalEvent } from '../shared/platforms/platform.ts';

/** An event as it came on a connection. A hint like any other: the approval is read again from the API. */
export interface PlatformEvent {
  platform: PlatformName;
  /** The event's own id, the same each time it is sent. */
  id: string;
  type: string;
  said: ApprovalEvent;
  /** In ms, as the platform says. */
  sentAt: number;
}

/**
 * What somebody did in a chat, as it came on a connection: the platform waits 2 to 3 s for an answer, shows it, and sends
 * nothing again.
 */
export interface PlatformCallback {
  platform: PlatformName;
  /** DingTalk: the topic that was asked for. Lark: the type in the header. */
  topic: string;
  /** The connection's own id of it. */
  id: string;
  /** DingTalk: the data of the frame. Lark: the whole envelope. */
  data: unknown;
}

/** `done`: the platform may forget the event. `later`: it sends it again, to this process or another one. */
export type Answer = 'done' | 'later';

/** What a connection tells its holder. None of them throws or rejects. */
export interface Handlers {
  /** Something came, whatever it is: the connection is alive. */
  onFrame(): void;
  onEvent(event: PlatformEvent): Promise<Answer>;
  /** Gives the platform's answer, or undefined where this process has none: then nothing is acknowledged. */
  onCallback(callback: PlatformCallback): Promise<object | undefined>;
  /** A frame that could not be used, and why. */
  onFault(reason: string): void;
}

/** A connection that stands. */
export interface Connection {
  /** Without a frame for this long it counts as dead. */
  silenceMs: number;
  /** Resolves with the reason once nothing more comes on it. */
  ended: Promise<string>;
  /** Drops it; answers that are not out yet are lost. */
  close(): void;
}

/** How a platform is connected to. */
export interface Transport {
  platform: PlatformName;
  /** One fresh connection. Rejects where there is none; leaves nothing behind when `signal` is aborted. */
  connect(handlers: Handlers, signal: AbortSignal): Promise<Connection>;
}
