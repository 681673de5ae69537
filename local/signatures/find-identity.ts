import type { Identities } from '../identities.ts';
import { equalSecrets } from './equal-secrets.ts';
import { refuse, refuseMissing, type Verification } from './verification.ts';

/** Looks a key up; a temporary (STS) key only together with its token, a permanent one only without. */
export function findIdentity(
  identities: Identities,
  accessKeyId: string,
  securityToken: string | undefined,
): Verification {
  const identity = identities.find(accessKeyId);
  if (!identity) return refuse(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  if (identity.securityToken !== undefined && !securityToken) return refuseMissing('SecurityToken');
  if (!equalSecrets(identity.securityToken ?? '', securityToken ?? '')) {
    const message = 'Specified SecurityToken does not belong to the access key.';
    return refuse(400, 'InvalidSecurityToken.MismatchWithAccessKey', message);
  }
  return { identity };
}
