import { createHmac } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { OSS_UNSIGNED_PAYLOAD, OSS_V4_ALGORITHM, ossScope, ossSignature } from '../../shared/journal/oss-signature.ts';
import type { HttpRequest } from '../http/server.ts';
import type { Identities, Identity } from '../identities.ts';
import { equalSecrets } from '../signatures/equal-secrets.ts';
import { invalidArgument, OssError } from './oss-error.ts';
import type { Target } from './target.ts';

export interface SignatureRules {
  identities: Identities;
  region: string;
  clock: Clock;
}

interface Claim {
  accessKeyId: string;
  signature: string;
  /** Milliseconds since the epoch. */
  signedAt: number;
  /** The signature this request ought to have if it is about `resource`. */
  expected(resource: string, accessKeySecret: string): string;
}

const MAX_SKEW_MS = 15 * 60_000;
const V1 = /^OSS ([^:\s]{1,128}):([A-Za-z0-9+/]{27}=)$/;
const V4 =
  /^OSS4-HMAC-SHA256 Credential=([^/,\s]{1,128})\/([^,\s]+),(?:AdditionalHeaders=([a-z0-9;-]+),)?Signature=([0-9a-f]{64})$/;
const V4_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** Parameters that a V1 signature covers, as far as they are emulated. */
const V1_SUBRESOURCES = new Set(
  'acl bucketInfo continuation-token encryption objectMeta tagging versioning worm wormExtend wormId'.split(' '),
);

/** Checks who signed the request, and when; gives the target the signature is about. Throws OssError. */
export function verifySignature(request: HttpRequest, targets: readonly Target[], rules: SignatureRules): Target {
  const claim = readClaim(request, rules.region);
  const identity = findIdentity(rules.identities, claim.accessKeyId, header(request, 'x-oss-security-token'));
  if (!(Math.abs(rules.clock.now() - claim.signedAt) <= MAX_SKEW_MS)) {
    const message = 'The difference between the request time and the current time is too large.';
    throw new OssError(403, 'RequestTimeTooSkewed', message, '0002-00000504');
  }
  const target = targets.find((candidate) =>
    equalSecrets(claim.expected(resourceOf(candidate), identity.accessKeySecret), claim.signature),
  );
  if (target) return target;
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  throw new OssError(403, 'SignatureDoesNotMatch', message, '0002-00000040');
}

function readClaim(request: HttpRequest, region: string): Claim {
  const authorization = header(request, 'authorization');
  if (authorization === undefined) {
    throw new OssError(
      403,
      'AccessDenied',
      'You have no right to access this object because of bucket acl.',
      '0003-00000001',
    );
  }
  const claim = authorization.startsWith(OSS_V4_ALGORITHM)
    ? readV4(request, authorization, region)
    : readV1(request, authorization);
  if (Number.isNaN(claim.signedAt)) {
    throw new OssError(403, 'AccessDenied', 'OSS authentication requires a valid Date.');
  }
  return claim;
}

function readV1(request: HttpRequest, authorization: string): Claim {
  const [, accessKeyId, signature] = V1.exec(authorization) ?? [];
  if (!accessKeyId || !signature) throw invalidArgument('Authorization header is invalid.');
  const date = header(request, 'x-oss-date') ?? header(request, 'date') ?? '';
  const signedHeaders = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${header(request, name)}`);
  const parts = [request.method, header(request, 'content-md5') ?? '', header(request, 'content-type') ?? '', date];
  return {
    accessKeyId,
    signature,
    signedAt: / GMT$/.test(date) ? Date.parse(date) : Number.NaN,
    expected: (resource, secret) =>
      createHmac('sha1', secret)
        .update([...parts, ...signedHeaders, resource + subresources(request.query)].join('\n'))
        .digest('base64'),
  };
}

function subresources(query: URLSearchParams): string {
  const signed = [...query].filter(([name]) => V1_SUBRESOURCES.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = signed.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join('&');
  return text === '' ? '' : `?${text}`;
}

function readV4(request: HttpRequest, authorization: string, region: string): Claim {
  const [, accessKeyId, scope, additional, signature] = V4.exec(authorization) ?? [];
  if (!accessKeyId || !signature) throw invalidArgument('Authorization header is invalid.');
  const date = header(request, 'x-oss-date') ?? '';
  const [, year, month, day, hour, minute, second] = V4_DATE.exec(date) ?? [];
  if (scope !== ossScope(date, region)) {
    throw invalidArgument(`Invalid credential scope in Authorization header, expected ${ossScope(date, region)}.`);
  }
  if (header(request, 'x-oss-content-sha256') !== OSS_UNSIGNED_PAYLOAD) {
    throw invalidArgument(`x-oss-content-sha256 must be ${OSS_UNSIGNED_PAYLOAD}.`);
  }
  const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, header(request, name) ?? '']));
  const additionalHeaders = additional?.split(';') ?? [];
  if (additionalHeaders.some((name) => headers[name] === undefined)) {
    throw invalidArgument('AdditionalHeaders names a header that was not sent.');
  }
  const { method, query } = request;
  return {
    accessKeyId,
    signature,
    signedAt: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
    expected: (resource, secret) =>
      ossSignature({ method, resource, query, headers, additionalHeaders, date, region }, secret),
  };
}

/** A temporary key is valid only together with its token, a permanent one only without any. */
function findIdentity(identities: Identities, accessKeyId: string, token: string | undefined): Identity {
  const identity = identities.find(accessKeyId);
  if (!identity || (identity.securityToken !== undefined && token === undefined)) {
    const message = 'The OSS Access Key Id you provided does not exist in our records.';
    throw new OssError(403, 'InvalidAccessKeyId', message, '0002-00000902');
  }
  if (!equalSecrets(identity.securityToken ?? '', token ?? '')) {
    throw new OssError(403, 'InvalidSecurityToken', 'The security token you provided is invalid.');
  }
  return identity;
}

function resourceOf({ bucket, key }: Target): string {
  return bucket === '' ? '/' : `/${bucket}/${key}`;
}

function header(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
