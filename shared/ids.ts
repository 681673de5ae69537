import { createHash } from 'node:crypto';

export const PLATFORM_NAMES = ['dingtalk', 'lark'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

/** An approval instance's id as we let it into a key, a path or a URL. */
const INSTANCE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const REQUEST_ID = /^(dingtalk|lark)\.[A-Za-z0-9_-]{1,64}$/;

export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** `<platform>.<approval instance id>`: one approval, one request, however often it is announced. */
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
