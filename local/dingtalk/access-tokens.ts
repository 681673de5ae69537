import type { Clock } from '../../shared/clock.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { App } from './organisation.ts';

/** https://open.dingtalk.com/document/development/obtain-the-access-token-of-an-internal-app */
export const TOKEN_LIFE_SECONDS = 7_200;

export interface AccessTokens {
  /** An app's token; while one is valid the same is returned and its life starts anew. Undefined for a wrong pair. */
  issue(appKey: string, appSecret: string): string | undefined;
  check(token: string): 'valid' | 'expired' | 'unknown';
  /** The app whose token this is, if it is known. */
  appOf(token: string): App | undefined;
}

interface Issued {
  app: App;
  current?: { token: string; expiresAt: number };
  expired?: string;
}

export function createAccessTokens(options: {
  clock: Clock;
  randomBytes: (n: number) => Buffer;
  apps: readonly App[];
}): AccessTokens {
  const { clock, randomBytes, apps } = options;
  const all: Issued[] = apps.map((app) => ({ app }));
  const holding = (token: string) => all.find(({ current }) => current && equalSecrets(token, current.token));
  return {
    issue(appKey, appSecret) {
      const issued = all.find(({ app }) => equalSecrets(appKey, app.appKey));
      if (!issued || !equalSecrets(appSecret, issued.app.appSecret)) return undefined;
      const { current } = issued;
      const isOver = current !== undefined && current.expiresAt <= clock.now();
      if (isOver) issued.expired = current.token;
      const token = current && !isOver ? current.token : randomBytes(16).toString('hex');
      issued.current = { token, expiresAt: clock.now() + TOKEN_LIFE_SECONDS * 1000 };
      return token;
    },
    check(token) {
      const current = holding(token)?.current;
      if (current) return current.expiresAt > clock.now() ? 'valid' : 'expired';
      return all.some(({ expired }) => expired !== undefined && equalSecrets(token, expired)) ? 'expired' : 'unknown';
    },
    appOf: (token) => holding(token)?.app,
  };
}
