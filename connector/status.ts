import type { Clock } from '../shared/clock.ts';
import type { PlatformName } from '../shared/ids.ts';
import type { Answer } from './connection.ts';

/** How one connection stands; times in ms, absent where there was nothing yet. */
export interface ConnectionStatus {
  platform: PlatformName;
  connected: boolean;
  /** Since when it is connected, or not. */
  since: number;
  lastFrame?: number;
  lastEvent?: number;
  /** Why the last one ended, or could not be opened. */
  lastFault?: string;
  /** Counts since the process began. */
  attempts: number;
  connects: number;
  events: number;
  done: number;
  later: number;
  faults: number;
}

export interface StatusBoard {
  attempted(): void;
  connected(): void;
  ended(reason: string): void;
  frame(): void;
  event(): void;
  answered(answer: Answer): void;
  fault(reason: string): void;
  now(): ConnectionStatus;
}

export function createStatusBoard(platform: PlatformName, clock: Pick<Clock, 'now'>): StatusBoard {
  const status: ConnectionStatus = {
    platform,
    connected: false,
    since: clock.now(),
    ...{ attempts: 0, connects: 0, events: 0, done: 0, later: 0, faults: 0 },
  };
  const turn = (connected: boolean) => {
    if (status.connected !== connected) status.since = clock.now();
    status.connected = connected;
  };
  return {
    attempted() {
      status.attempts += 1;
    },
    connected() {
      status.connects += 1;
      status.lastFrame = clock.now();
      turn(true);
    },
    ended(reason) {
      status.lastFault = reason;
      turn(false);
    },
    frame() {
      status.lastFrame = clock.now();
    },
    event() {
      status.events += 1;
      status.lastEvent = clock.now();
    },
    answered(answer) {
      status[answer] += 1;
    },
    fault(reason) {
      status.faults += 1;
      status.lastFault = reason;
    },
    now: () => ({ ...status }),
  };
}
