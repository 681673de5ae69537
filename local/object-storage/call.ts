import type { HttpRequest, HttpResponse } from '../http/server.ts';
import type { Bucket, Buckets } from './buckets.ts';
import { OssError } from './oss-error.ts';
import type { Target } from './target.ts';

/** One signed request, as the operations see it. */
export interface OssCall {
  request: HttpRequest;
  target: Target;
  /** Milliseconds since the epoch. */
  now: number;
  accountId: string;
  region: string;
  buckets: Buckets;
  newId: () => string;
}

export type PerformOperation = (call: OssCall) => Promise<HttpResponse>;

export function requireBucket({ buckets, target }: OssCall): Bucket {
  const bucket = buckets.find(target.bucket);
  if (bucket) return bucket;
  throw new OssError(404, 'NoSuchBucket', 'The specified bucket does not exist.', '0015-00000101');
}

export function headerOf({ request }: OssCall, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
