import type { Credentials } from '../shared/alicloud/credentials.ts';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { type Names, namesOf } from '../shared/names.ts';

/** The cloud that setup works on: a region of an account, or the embedded one, which differs in its endpoints alone. */
export interface SetupTarget {
  environmentName: string;
  region: string;
  accountId: string;
  credentials: Credentials;
  /** URLs; what is absent follows from the region. */
  endpoints: { eventBridge?: string; ecs?: string; oss?: string; ram?: string };
  clock: Clock;
  log: Log;
  /** Only says what it would do. */
  lookOnly?: boolean;
}

export function targetNames({ environmentName, accountId }: SetupTarget): Names {
  return namesOf(environmentName, accountId);
}

/** The description of what setup has made, where a thing can have one: it changes nothing that lacks it. */
export const MADE_BY = 'Made by approval-loop setup';
