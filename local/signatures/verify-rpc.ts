import { createHmac } from 'node:crypto';
import type { HttpRequest } from '../http/server.ts';
import { checkTimestamp } from './check-timestamp.ts';
import { equalSecrets } from './equal-secrets.ts';
import { findIdentity } from './find-identity.ts';
import { canonicalQuery, percentEncode } from './percent-encode.ts';
import { requestParameters } from './request-parameters.ts';
import { refuse, refuseMissing, type Verification } from './verification.ts';
import type { SignatureOptions } from './verify-acs3.ts';

const REQUIRED = ['AccessKeyId', 'SignatureMethod', 'SignatureVersion', 'SignatureNonce', 'Timestamp', 'Signature'];

/** Verifies the older RPC signature (HMAC-SHA1 over all parameters of query and form; headers are not covered). */
export function verifyRpc(request: HttpRequest, { identities, clock, nonces }: SignatureOptions): Verification {
  const parameters = requestParameters(request);
  const given = new Map(parameters);
  const value = (name: string) => given.get(name) ?? '';
  const missing = REQUIRED.find((name) => !value(name));
  if (missing) return refuseMissing(missing);
  if (value('SignatureMethod') !== 'HMAC-SHA1' || value('SignatureVersion') !== '1.0') {
    return refuse(400, 'IncompleteSignature', 'The request signature does not conform to the standards.');
  }
  const found = findIdentity(identities, value('AccessKeyId'), value('SecurityToken'));
  if (found.refusal) return found;
  const late = checkTimestamp(value('Timestamp'), clock);
  if (late) return late;
  const text = rpcStringToSign(request.method, parameters);
  const expected = createHmac('sha1', `${found.identity.accessKeySecret}&`).update(text).digest('base64');
  if (!equalSecrets(value('Signature'), expected)) {
    return refuse(400, 'SignatureDoesNotMatch', 'Specified signature is not matched with our calculation.');
  }
  if (nonces.use(value('AccessKeyId'), value('SignatureNonce'))) return found;
  return refuse(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
}

export function rpcStringToSign(method: string, parameters: readonly (readonly [string, string])[]): string {
  const signed = parameters.filter(([name]) => name !== 'Signature');
  return `${method}&${percentEncode('/')}&${percentEncode(canonicalQuery(signed))}`;
}
