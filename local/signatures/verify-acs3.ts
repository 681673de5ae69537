import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { HttpRequest } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { checkTimestamp } from './check-timestamp.ts';
import { equalSecrets } from './equal-secrets.ts';
import { findIdentity } from './find-identity.ts';
import type { NonceMemory } from './nonce-memory.ts';
import { canonicalQuery } from './percent-encode.ts';
import { refuse, refuseMissing, type Verification } from './verification.ts';

export interface SignatureOptions {
  identities: Identities;
  /** The callers' time: official SDKs date their requests by the machine's clock. */
  clock: Clock;
  nonces: NonceMemory;
}

const ALGORITHM = 'ACS3-HMAC-SHA256';
const AUTHORIZATION =
  /^ACS3-HMAC-SHA256 Credential=(?<key>[^,\s]+), ?SignedHeaders=(?<signed>[a-z0-9;_-]+), ?Signature=(?<signature>[0-9a-f]{64})$/;

/**
 * Verifies the signature in the Authorization header, for calls of RPC and ROA style (any path, any body).
 * Source: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
 */
export function verifyAcs3(request: HttpRequest, { identities, clock, nonces }: SignatureOptions): Verification {
  const { key = '', signed = '', signature = '' } = AUTHORIZATION.exec(header(request, 'authorization'))?.groups ?? {};
  const signedHeaders = signed.split(';');
  if (!key || !signsEverything(request, signedHeaders)) {
    return refuse(400, 'IncompleteSignature', 'The request signature does not conform to the standards.');
  }
  const nonce = header(request, 'x-acs-signature-nonce');
  if (!nonce) return refuseMissing('SignatureNonce');
  const found = findIdentity(identities, key, header(request, 'x-acs-security-token'));
  if (found.refusal) return found;
  const late = checkTimestamp(header(request, 'x-acs-date'), clock);
  if (late) return late;
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  if (header(request, 'x-acs-content-sha256') !== bodyHash) {
    return refuse(400, 'SignatureDoesNotMatch', 'Header x-acs-content-sha256 is not the hash of the body.');
  }
  const text = acs3StringToSign(request, signedHeaders, bodyHash);
  const expected = createHmac('sha256', found.identity.accessKeySecret).update(text).digest('hex');
  if (!equalSecrets(signature, expected)) {
    const message = `Specified signature is not matched with our calculation. server string to sign is:${text}`;
    return refuse(400, 'SignatureDoesNotMatch', message);
  }
  if (nonces.use(key, nonce)) return found;
  return refuse(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
}

/** The second line is the hash of the canonical request. */
export function acs3StringToSign(request: HttpRequest, signedHeaders: readonly string[], bodyHash: string): string {
  const canonical = [
    request.method,
    request.rawPath.replace(/\+/g, '%20').replace(/\*/g, '%2A').replace(/%7E/g, '~'),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${header(request, name).trim()}`),
    '',
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  return `${ALGORITHM}\n${createHash('sha256').update(canonical).digest('hex')}`;
}

/** A header that decides something must be under the signature: host, content-type and all `x-acs-*`, sorted. */
function signsEverything(request: HttpRequest, signedHeaders: readonly string[]): boolean {
  const needed = Object.keys(request.headers).filter(
    (name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'),
  );
  const sorted = signedHeaders.every((name, index) => index === 0 || (signedHeaders[index - 1] ?? '') < name);
  return sorted && needed.every((name) => signedHeaders.includes(name));
}

function header(request: HttpRequest, name: string): string {
  return String(request.headers[name] ?? '');
}
