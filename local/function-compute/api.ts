import { withFaults } from '../faults.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/server.ts';
import { createNonceMemory } from '../signatures/nonce-memory.ts';
import { verifyAcs3 } from '../signatures/verify-acs3.ts';
import { asyncConfigOperations } from './api-async-config.ts';
import { createCodeDownload } from './api-code.ts';
import { ApiError, errorResponse } from './api-error.ts';
import { functionOperations } from './api-functions.ts';
import { invokeOperations } from './api-invoke.ts';
import type { Api, ApiCall, Operation } from './api-operation.ts';
import { scalingConfigOperations } from './api-scaling-config.ts';
import { triggerOperations } from './api-triggers.ts';

/** The FC 3.0 API (version 2023-03-30, ROA style); paths as in `@alicloud/fc20230330` 4.7.6. */
export function createApi(api: Api): HttpHandler {
  const { platform } = api;
  const download = createCodeDownload(api);
  const operations: Operation[] = [
    ...functionOperations(api),
    download.operation,
    ...triggerOperations(api),
    ...asyncConfigOperations(api),
    ...scalingConfigOperations(api),
    ...invokeOperations(api),
  ];
  const nonces = createNonceMemory({ clock: platform.realClock });
  const find = (request: HttpRequest) => matchOperation(operations, request);

  const handle: HttpHandler = async (request) => {
    const followed = await download.follow(request);
    if (followed) return followed;
    const requestId = platform.newRequestId();
    const { identities, realClock } = platform;
    const { refusal } = verifyAcs3(request, { identities, clock: realClock, nonces });
    if (refusal) return errorResponse(refusal, requestId);
    const match = find(request);
    if (!match) {
      const message = `'${request.rawPath}' against '${request.method}' is not supported`;
      return errorResponse({ status: 400, code: 'PathNotSupported', message }, requestId);
    }
    return answer(match.operation, { request, requestId, names: match.names });
  };
  return withFaults(handle, {
    service: 'fc',
    faults: platform.faults,
    operationOf: (request) => find(request)?.operation.name ?? '',
    errorResponse: (status, code, message) => errorResponse({ status, code, message }, platform.newRequestId()),
  });
}

async function answer(operation: Operation, call: ApiCall): Promise<HttpResponse> {
  try {
    return await operation.run(call);
  } catch (error) {
    if (error instanceof ApiError) return errorResponse(error, call.requestId);
    throw error;
  }
}

function matchOperation(
  operations: readonly Operation[],
  request: HttpRequest,
): { operation: Operation; names: string[] } | undefined {
  for (const operation of operations) {
    const match = operation.method === request.method && operation.path.exec(request.rawPath);
    if (match) return { operation, names: match.slice(1) };
  }
  return undefined;
}
