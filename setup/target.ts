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
  endpoints: {
    eventBridge?: string;
    ecs?: string;
    oss?: string;
    ram?: string;
    fc?: string;
    sls?: string;
    kms?: string;
  };
  clock: Clock;
  log: Log;
  /** Only says what it would do. */
  lookOnly?: boolean;
  /** Takes over what has the name of something of ours and was not made by setup. */
  adopt?: boolean;
}

export function targetNames({ environmentName, accountId }: SetupTarget): Names {
  return namesOf(environmentName, accountId);
}
