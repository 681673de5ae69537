import type { BucketSettings, Worm } from './buckets.ts';
import { OssError } from './oss-error.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A policy that is not locked within a day is void: https://help.aliyun.com/en/oss/developer-reference/completebucketworm */
const MUST_BE_LOCKED_WITHIN_MS = DAY_MS;

/** The bucket's retention policy, if one is in force: it protects from the start, locked or not. */
export function wormInForce(settings: BucketSettings, now: number): Worm | undefined {
  const { worm } = settings;
  return worm && (worm.locked || now - worm.createdAt < MUST_BE_LOCKED_WITHIN_MS) ? worm : undefined;
}

/** Throws when an object last written at `modifiedAt` may not be deleted or overwritten yet. */
export function refuseIfRetained(settings: BucketSettings, modifiedAt: number, now: number): void {
  const worm = wormInForce(settings, now);
  if (!worm || now - modifiedAt >= worm.days * DAY_MS) return;
  throw new OssError(409, 'FileImmutable', 'The object you specified is immutable.', '0026-00000005');
}
