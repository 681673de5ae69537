import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Faults } from '../faults.ts';
import type { Identities } from '../identities.ts';
import type { Credentials } from './deployed-function.ts';

/** What every part of the emulated Function Compute works with. */
export interface Platform {
  region: string;
  identities: Identities;
  /** Time of timers, retries and event age. */
  clock: Clock;
  /** Time that cannot be scaled: how long code runs, how long callers queue, and what signed requests are dated by. */
  realClock: Clock;
  log: Log;
  faults: Faults;
  newId: () => string;
  /** `1-<seconds>-<8 hex>-<12 hex>`, as in the log lines of the documentation. */
  newRequestId: () => string;
  /** The built `runtime/main.ts`. */
  runtimeFile: string;
  /** Extra variables of every function; the function's own win. */
  environment: Readonly<Record<string, string>>;
  /** The key that functions with a role are given, if it is not one of their own. */
  credentials: Credentials | undefined;
  onLine: (line: string) => void;
  maxInstancesPerFunction: number;
  /** Spelling of header names in HTTP events. */
  headerCase: 'canonical' | 'lower';
}

/** `2023-04-01T08:15:27Z`, the form of every time in the API. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function functionArn(platform: Platform, functionName: string): string {
  return `acs:fc:${platform.region}:${platform.identities.accountId}:functions/${functionName}`;
}
