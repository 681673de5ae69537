import type { Clock } from '../../shared/clock.ts';
import { equalSecrets } from '../signatures/equal-secrets.ts';

export const TOKEN_LIFE_SECONDS = 7_200;
const RENEWED_BELOW_MS = 1_800_000;

export interface AccessTokens {
  /** The tenant's token for an app and the seconds it has left. With half an hour or more, the same is given again. */
  issue(appId: string): { token: string; expire: number };
  /** Whose token this is; undefined unless it is valid. */
  appOf(token: string): string | undefined;
}

/**
 * https://open.feishu.cn/document/ukTMukTMukTM/ukDNz4SO0MjL5QzM/auth-v3/auth/tenant_access_token_internal
 * A new token does not end the one before: for half an hour both are valid.
 */
export function createAccessTokens(options: { clock: Clock; randomBytes: (n: number) => Buffer }): AccessTokens {
  const { clock, randomBytes } = options;
  let issued: { appId: string; token: string; expiresAt: number }[] = [];
  return {
    issue(appId) {
      const now = clock.now();
      issued = issued.filter(({ expiresAt }) => expiresAt > now);
      let newest = issued.filter((known) => known.appId === appId).at(-1);
      if (!newest || newest.expiresAt - now < RENEWED_BELOW_MS) {
        newest = { appId, token: `t-${randomBytes(20).toString('hex')}`, expiresAt: now + TOKEN_LIFE_SECONDS * 1000 };
        issued.push(newest);
      }
      return { token: newest.token, expire: Math.floor((newest.expiresAt - now) / 1000) };
    },
    appOf(token) {
      return issued.find((known) => equalSecrets(known.token, token) && known.expiresAt > clock.now())?.appId;
    },
  };
}
