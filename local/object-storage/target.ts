import type { HttpRequest } from '../http/server.ts';

/** What a request is about; both empty for the service itself, `key` empty for a bucket. */
export interface Target {
  bucket: string;
  key: string;
}

/** `<bucket>.oss-cn-hangzhou.aliyuncs.com`; ali-oss sends this host to an IP endpoint too, with an empty bucket for ListBuckets. */
const BUCKET_HOST = /^([a-z0-9_-]*)\.(?:[a-z0-9-]+\.aliyuncs\.com|localhost)$/;

/**
 * What a request may be about, likeliest first: the bucket may be in the host name or in the path, and with ali-oss'
 * `sldEnable` it is in both. Only the signature, which is over `/<bucket>/<key>`, tells. Empty if the path is broken.
 */
export function targetsOf(request: HttpRequest): Target[] {
  const path = decodePath(request.rawPath);
  if (path === undefined) return [];
  const slash = path.indexOf('/');
  const inPath = slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  const hostBucket = bucketOfHost(request.headers.host ?? '');
  if (hostBucket === '') return [inPath];
  const inHost = { bucket: hostBucket, key: path };
  return inPath.bucket === hostBucket ? [inPath, inHost] : [inHost, inPath];
}

function decodePath(rawPath: string): string | undefined {
  try {
    return decodeURIComponent(rawPath.slice(1));
  } catch {
    return undefined;
  }
}

function bucketOfHost(host: string): string {
  return BUCKET_HOST.exec(host.toLowerCase().replace(/:\d+$/, ''))?.[1] ?? '';
}
