import * as z from 'zod/mini';
import { createRpcCall, type RpcOptions } from '../alicloud/rpc-call.ts';
import { PermanentError, TransientError } from '../errors.ts';

/** Secrets of Key Management Service, by their names. */
export interface SecretClient {
  /** The text of its current version. */
  getSecretValue(name: string): Promise<string>;
  /** Whether there is one of this name; no value leaves KMS for it. */
  hasSecret(name: string): Promise<boolean>;
}

/** What a RAM policy must allow for each call: https://www.alibabacloud.com/help/doc-detail/28953.html */
export const SECRET_ACTIONS = {
  getSecretValue: ['kms:GetSecretValue'],
  hasSecret: ['kms:DescribeSecret'],
} as const satisfies Record<keyof SecretClient, readonly string[]>;

/** https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-getsecretvalue */
const valueSchema = z.object({ SecretData: z.string(), SecretDataType: z.optional(z.string()) });

const MISSING = 'kms.Forbidden.ResourceNotFound';

export function createSecretClient(options: Omit<RpcOptions, 'service' | 'version'>): SecretClient {
  const call = createRpcCall({ ...options, service: 'kms', version: '2016-01-20' });
  return {
    async getSecretValue(SecretName) {
      const parsed = valueSchema.safeParse(await call('GetSecretValue', { SecretName }));
      if (!parsed.success) throw new TransientError('kms.bad_answer', 'kms answered GetSecretValue without a value');
      const { SecretData, SecretDataType = 'text' } = parsed.data;
      if (SecretDataType === 'text' && SecretData !== '') return SecretData;
      throw new PermanentError(
        'kms.not_text',
        `the secret is ${SecretData === '' ? 'empty' : SecretDataType}, not text`,
      );
    },
    async hasSecret(SecretName) {
      try {
        await call('DescribeSecret', { SecretName });
        return true;
      } catch (error) {
        if (error instanceof PermanentError && error.code === MISSING) return false;
        throw error;
      }
    },
  };
}

/** https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/endpoints */
export function kmsEndpoint(region: string, url?: string): string {
  return url ?? `https://kms.${region}.aliyuncs.com`;
}
