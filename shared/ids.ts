import { createHash } from 'node:crypto';

export const PLATFORM_NAMES = ['dingtalk', 'lark'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

/** An approval instance's id as we let it into a key, a path or a URL. */
const INSTANCE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const REQUEST_ID = /^(dingtalk|lark)\.([A-Za-z0-9_-]{1,64})(\.revoke)?(\.retry-([1-9][0-9]{0,2}))?$/;

export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** The parts of a request id: which approval, whether it is its reversal, and the attempt, from 0. */
export interface RequestIdParts {
  platform: PlatformName;
  instanceId: string;
  revoke: boolean;
  attempt: number;
}

export function parseRequestId(requestId: string): RequestIdParts | undefined {
  const [, name, instanceId, revoke, , attempt] = REQUEST_ID.exec(requestId) ?? [];
  const platform = PLATFORM_NAMES.find((candidate) => candidate === name);
  if (platform === undefined || instanceId === undefined) return undefined;
  return { platform, instanceId, revoke: revoke !== undefined, attempt: Number(attempt ?? 0) };
}

/** The request that an approval itself makes, whichever attempt or reversal of it this is. */
export function originalOf(requestId: string): string {
  // An instance id has no dot, but may well be called `revoke` or `retry-1`.
  return requestId.split('.', 2).join('.');
}

/** The reversal of a request. */
export function revokeIdOf(requestId: string): string {
  return `${originalOf(requestId)}.revoke`;
}

/** The same request tried once more. */
export function retryIdOf(requestId: string, attempt: number): string {
  const base = parseRequestId(requestId)?.revoke ? revokeIdOf(requestId) : originalOf(requestId);
  return `${base}.retry-${attempt}`;
}

/** Attempts of one request that a reversal looks at; more than this many nobody asks for. */
export const MAX_ATTEMPTS = 20;

/** All attempts of the request that an approval makes, in their order, whether anybody has asked for them or not. */
export function attemptsOf(requestId: string): string[] {
  const original = originalOf(requestId);
  const numbers = Array.from({ length: MAX_ATTEMPTS }, (_, index) => index + 1);
  return [original, ...numbers.map((attempt) => retryIdOf(original, attempt))];
}

/**
 * `<platform>.<approval instance id>`: one approval, one request, however often it is announced. Its reversal has
 * `.revoke` behind that, and a new attempt that a person asks for `.retry-<n>`.
 */
export function requestIdOf(platform: PlatformName, instanceId: string): string {
  if (!isInstanceId(instanceId)) throw new RangeError('an approval instance id is 1 to 64 of [A-Za-z0-9_-]');
  return `${platform}.${instanceId}`;
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * A key that is the same on every try, so that a service which knows such keys (ClientToken, msgUuid, an event's id)
 * does the thing once. 40 hex digits: within the 64 that ECS allows, and a CloudEvents id of EventBridge.
 */
export function idempotencyKey(requestId: string, purpose: string): string {
  return sha256Hex(`${requestId}\n${purpose}`).slice(0, 40);
}
