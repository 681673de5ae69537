import type { HttpRequest } from '../http/server.ts';
import { type Target, targetsOf } from './target.ts';

type Level = 'service' | 'bucket' | 'object';

const LISTING = [
  'prefix',
  'delimiter',
  'start-after',
  'continuation-token',
  'max-keys',
  'fetch-owner',
  'encoding-type',
];

/** What is emulated: level, method, parameters that must be there, and parameters that may be. */
const ROUTES = [
  ['ListBuckets', 'service', 'GET', [], ['prefix', 'marker', 'max-keys']],
  ['PutBucket', 'bucket', 'PUT', [], []],
  ['DeleteBucket', 'bucket', 'DELETE', [], []],
  ['GetBucketInfo', 'bucket', 'GET', ['bucketInfo'], []],
  ['ListObjects', 'bucket', 'GET', ['list-type'], LISTING],
  ['GetBucketAcl', 'bucket', 'GET', ['acl'], []],
  ['PutBucketAcl', 'bucket', 'PUT', ['acl'], []],
  ['GetBucketVersioning', 'bucket', 'GET', ['versioning'], []],
  ['PutBucketVersioning', 'bucket', 'PUT', ['versioning'], []],
  ['GetBucketTags', 'bucket', 'GET', ['tagging'], []],
  ['PutBucketTags', 'bucket', 'PUT', ['tagging'], []],
  ['GetBucketEncryption', 'bucket', 'GET', ['encryption'], []],
  ['PutBucketEncryption', 'bucket', 'PUT', ['encryption'], []],
  ['GetBucketWorm', 'bucket', 'GET', ['worm'], []],
  ['InitiateBucketWorm', 'bucket', 'POST', ['worm'], []],
  ['CompleteBucketWorm', 'bucket', 'POST', ['wormId'], []],
  ['AbortBucketWorm', 'bucket', 'DELETE', ['worm'], []],
  ['PutObject', 'object', 'PUT', [], []],
  ['GetObject', 'object', 'GET', [], []],
  ['HeadObject', 'object', 'HEAD', [], ['objectMeta']],
  ['DeleteObject', 'object', 'DELETE', [], []],
] as const satisfies readonly (readonly [string, Level, string, readonly string[], readonly string[]])[];

export type Operation = (typeof ROUTES)[number][0];

/** The operation a request asks for; undefined if it is none of those that are emulated. */
export function operationOf(request: HttpRequest, target: Target): Operation | undefined {
  const level: Level = target.key !== '' ? 'object' : target.bucket !== '' ? 'bucket' : 'service';
  const names = [...request.query.keys()];
  const route = ROUTES.find(([, routeLevel, method, required, optional]) => {
    if (routeLevel !== level || method !== request.method) return false;
    const known: readonly string[] = [...required, ...optional];
    return required.every((name) => names.includes(name)) && names.every((name) => known.includes(name));
  });
  return route?.[0];
}

/** For fault rules, which come before the signature is looked at. */
export function likelyOperation(request: HttpRequest): string {
  const [target] = targetsOf(request);
  return (target && operationOf(request, target)) ?? 'Unknown';
}
