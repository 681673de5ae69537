import type { Clock } from '../../shared/clock.ts';
import { equalSecrets } from '../signatures/equal-secrets.ts';

export const TOKEN_LIFE_SECONDS = 7_200;
const RENEWED_BELOW_MS = 1_800_000;

export interface AccessTokens {
  /** The tenant's token and the seconds it has left. While it has half an hour or more, the same is given again. */
  issue(): { token: string; expire: number };
  valid(token: string): boolean;
}

/**
 * https://open.feishu.cn/document/ukTMukTMukTM/ukDNz4SO0MjL5QzM/auth-v3/auth/tenant_access_token_internal
 * A new token does not end the one before: for half an hour both are valid.
 */
export function createAccessTokens(options: { clock: Clock; randomBytes: (n: number) => Buffer }): AccessTokens {
  const { clock, randomBytes } = options;
  let issued: { token: string; expiresAt: number }[] = [];
  return {
    issue() {
      const now = clock.now();
      issued = issued.filter(({ expiresAt }) => expiresAt > now);
      let newest = issued.at(-1);
      if (!newest || newest.expiresAt - now < RENEWED_BELOW_MS) {
        newest = { token: `t-${randomBytes(20).toString('hex')}`, expiresAt: now + TOKEN_LIFE_SECONDS * 1000 };
        issued.push(newest);
      }
      return { token: newest.token, expire: Math.floor((newest.expiresAt - now) / 1000) };
    },
    valid(token) {
      return issued.some((known) => equalSecrets(known.token, token) && known.expiresAt > clock.now());
    },
  };
}
