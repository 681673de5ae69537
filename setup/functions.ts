import FcClient, { GetFunctionRequest } from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import * as z from 'zod/mini';
import type { Change } from './change.ts';
import { foreignChange } from './ownership.ts';
import { FUNCTION_MARK } from './s-yaml/props-schema.ts';
import { inService } from './service-error.ts';
import { type SetupTarget, targetNames } from './target.ts';

const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;

/**
 * What the tool would do with the functions of the environment: make them, or send them again. One that lacks our mark is
 * somebody else's, which the tool would write over without a question.
 */
export async function planFunctions(target: SetupTarget): Promise<Change[]> {
  const client = createClient(target);
  return Promise.all(
    FUNCTION_NAMES.map(async (each): Promise<Change> => {
      const name = targetNames(target).function(each);
      const found = await inService('Function Compute', findFunction(client, name));
      if (!found) return { kind: 'function', name, did: 'created' };
      if (found.description?.startsWith(FUNCTION_MARK)) return { kind: 'function', name, did: 'sent' };
      return foreignChange(target, 'function', name);
    }),
  );
}

/** Those that are there. The tool takes away whatever has the name: one of somebody else's ends the removal. */
export async function planRemoval(target: SetupTarget): Promise<Change[]> {
  const planned = await planFunctions(target);
  return planned.flatMap((change): Change[] => {
    if (change.did === 'created') return [];
    return [change.did === 'sent' ? { ...change, did: 'removed' } : change];
  });
}

const missingSchema = z.object({ code: z.literal('FunctionNotFound') });

async function findFunction(client: FcClient, name: string) {
  try {
    return (await client.getFunction(name, new GetFunctionRequest({}))).body;
  } catch (error) {
    if (missingSchema.safeParse(error).success) return undefined;
    throw error;
  }
}

/** https://www.alibabacloud.com/help/en/functioncompute/api-fc-2023-03-30-endpoint */
function createClient({ region, credentials, endpoints }: SetupTarget): FcClient {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const { host, protocol } = new URL(endpoints.fc ?? `https://fcv3.${region}.aliyuncs.com`);
  return new FcClient(
    new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
      endpoint: host,
      protocol: protocol.slice(0, -1),
      regionId: region,
      connectTimeout: 20_000,
      readTimeout: 20_000,
    }),
  );
}
