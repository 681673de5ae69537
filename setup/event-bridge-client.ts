import EventBridge, { Config } from '@alicloud/eventbridge';
import type { SetupTarget } from './target.ts';

/** The official client; its endpoint is an authority without a scheme, and plain HTTP is its default. */
export function createEventBridgeClient(target: SetupTarget): EventBridge {
  const { region, accountId, credentials, endpoints } = target;
  const url = new URL(endpoints.eventBridge ?? `https://${accountId}.eventbridge.${region}.aliyuncs.com`);
  return new EventBridge(
    new Config({
      accessKeyId: credentials.accessKeyId,
      accessKeySecret: credentials.accessKeySecret,
      ...(credentials.securityToken === undefined ? {} : { securityToken: credentials.securityToken }),
      endpoint: url.host,
      protocol: url.protocol === 'https:' ? 'https' : 'http',
      regionId: region,
      // The client's own limits are a few seconds, which a busy machine or a slow line can need.
      connectTimeout: 20_000,
      readTimeout: 20_000,
    }),
  );
}

/** Whether an error of the SDK says that a thing is not there: only then is it made. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /NotExist|NotFound|NoSuch/i.test(String(error.code));
}

/** The answer, or undefined if what was asked for is not there. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
