import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import FcClient, { InvokeFunctionHeaders, InvokeFunctionRequest } from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import type { Credentials } from '../../shared/alicloud/credentials.ts';
import { type Invoker, readOutcome } from './invocation.ts';

/** A function may run for a day; a sweep takes a minute. */
const TIMEOUT_MS = 15 * 60_000;

/** Function Compute 3.0, through its official client. */
export function createFc3Invoker(place: { region: string; endpoint: string; credentials: Credentials }): Invoker {
  const { accessKeyId, accessKeySecret, securityToken } = place.credentials;
  const { host, protocol } = new URL(place.endpoint);
  const client = new FcClient(
    new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
      endpoint: host,
      protocol: protocol.slice(0, -1),
      regionId: place.region,
    }),
  );
  return {
    async invoke(request) {
      const { functionName, event, wait, taskId } = request;
      const answer = await client.invokeFunctionWithOptions(
        functionName,
        new InvokeFunctionRequest({ body: Readable.from([event]) }),
        new InvokeFunctionHeaders({
          xFcInvocationType: wait ? 'Sync' : 'Async',
          ...(wait ? { xFcLogType: 'Tail' } : {}),
          ...(taskId === undefined ? {} : { xFcAsyncTaskId: taskId }),
        }),
        new RuntimeOptions({ connectTimeout: 20_000, readTimeout: TIMEOUT_MS }),
      );
      // A body that nobody reads keeps the connection, and with it this process.
      const body = answer.body ? (await buffer(answer.body)).toString() : '';
      return readOutcome(answer.headers ?? {}, body, request);
    },
  };
}
