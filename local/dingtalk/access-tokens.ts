import type { Clock } from '../../shared/clock.ts';
import { equalSecrets } from './equal-secrets.ts';

/** https://open.dingtalk.com/document/development/obtain-the-access-token-of-an-internal-app */
export const TOKEN_LIFE_SECONDS = 7_200;

export interface AccessTokens {
  /** The app's token; while one is valid the same is returned and its life starts anew. Undefined for a wrong pair. */
  issue(appKey: string, appSecret: string): string | undefined;
  check(token: string): 'valid' | 'expired' | 'unknown';
}

export function createAccessTokens(options: {
  clock: Clock;
  randomBytes: (n: number) => Buffer;
  app: { appKey: string; appSecret: string };
}): AccessTokens {
  const { clock, randomBytes, app } = options;
  let current: { token: string; expiresAt: number } | undefined;
  let expired: string | undefined;
  return {
    issue(appKey, appSecret) {
      const known = equalSecrets(appKey, app.appKey);
      if (!equalSecrets(appSecret, app.appSecret) || !known) return undefined;
      if (current && current.expiresAt <= clock.now()) {
        expired = current.token;
        current = undefined;
      }
      const token = current?.token ?? randomBytes(16).toString('hex');
      current = { token, expiresAt: clock.now() + TOKEN_LIFE_SECONDS * 1000 };
      return token;
    },
    check(token) {
      if (current && equalSecrets(token, current.token)) return current.expiresAt > clock.now() ? 'valid' : 'expired';
      return expired !== undefined && equalSecrets(token, expired) ? 'expired' : 'unknown';
    },
  };
}
