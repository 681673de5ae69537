import type { Clock } from '../clock.ts';
import type { CallHttp } from '../http/call.ts';

/** What a platform's clients need of the outside. */
export interface PlatformTools {
  http: CallHttp;
  clock: Clock;
  randomBytes: (size: number) => Buffer;
}

/** The environment of a process, from which each platform reads its own variables. */
export type Variables = Readonly<Record<string, string | undefined>>;
