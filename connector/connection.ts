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

/** `done`: the platform may forget the event. `later`: it sends it again, to this process or another one. */
export type Answer = 'done' | 'later';

/** What a connection tells its holder. None of them throws or rejects. */
export interface Handlers {
  /** Something came, whatever it is: the connection is alive. */
  onFrame(): void;
  onEvent(event: PlatformEvent): Promise<Answer>;
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
