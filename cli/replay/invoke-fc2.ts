import FC2 from '@alicloud/fc2';
import type { Credentials } from '../../shared/alicloud/credentials.ts';
import { type Invoker, readOutcome } from './invocation.ts';

const TIMEOUT_MS = 15 * 60_000;

/**
 * Function Compute 2.0, where functions stand in a service, through its official client. Names of its headers:
 * https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/api-fc-open-2021-04-06-invokefunction
 */
export function createFc2Invoker(place: {
  region: string;
  accountId: string;
  service: string;
  endpoint?: string;
  credentials: Credentials;
}): Invoker {
  const { accessKeyId, accessKeySecret, securityToken } = place.credentials;
  const client = new FC2(place.accountId, {
    accessKeyID: accessKeyId,
    accessKeySecret,
    ...(securityToken === undefined ? {} : { securityToken }),
    region: place.region,
    ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint }),
    secure: true,
    timeout: TIMEOUT_MS,
  });
  return {
    async invoke(request) {
      const { functionName, event, wait, taskId } = request;
      const headers = {
        'x-fc-invocation-type': wait ? 'Sync' : 'Async',
        ...(wait ? { 'x-fc-log-type': 'Tail' } : {}),
        ...(taskId === undefined ? {} : { 'x-fc-stateful-async-invocation-id': taskId }),
      };
      const options = { rawBuf: true };
      const answer = await client.invokeFunction(place.service, functionName, event, headers, 'LATEST', options);
      return readOutcome(answer.headers, toText(answer.data), request);
    },
  };
}

/** The client parses what says that it is JSON, errors of functions among it. */
function toText(data: unknown): string {
  if (Buffer.isBuffer(data)) return data.toString();
  return typeof data === 'string' ? data : JSON.stringify(data);
}
