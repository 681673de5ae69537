import * as z from 'zod';
import type { HttpResponse } from '../http/server.ts';
import { ApiError, errorResponse, parseInput } from './api-error.ts';
import { type Api, functionsPath, type Operation } from './api-operation.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { INVOCATION_TYPES } from './invocations.ts';
import type { InvokeResult } from './invoke-result.ts';

/** Headers as in the SDK's model InvokeFunctionHeaders. */
const headersSchema = z.object({
  'x-fc-invocation-type': z.enum(INVOCATION_TYPES).default('Sync'),
  'x-fc-log-type': z.enum(['None', 'Tail']).default('None'),
  'x-fc-async-task-id': z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/, 'must start with a letter or underscore, at most 128 characters')
    .optional(),
});

export function invokeOperations({ registry, invocations }: Api): Operation[] {
  return [
    {
      name: 'InvokeFunction',
      method: 'POST',
      path: functionsPath('/*/invocations'),
      async run({ names: [functionName = ''], request, requestId }) {
        const target = registry.get(functionName);
        const headers = parseInput(headersSchema, request.headers);
        const taskId = headers['x-fc-async-task-id'];
        if (taskId !== undefined && !target.definition.asyncInvokeConfig?.asyncTask) {
          throw new ApiError(400, 'InvalidArgument', `function '${functionName}' has no asyncTask: true`);
        }
        const qualifier = request.query.get('qualifier') ?? 'LATEST';
        if (qualifier !== 'LATEST') {
          throw new ApiError(404, 'AliasNotFound', `alias '${qualifier}' of function '${functionName}' does not exist`);
        }
        const result = await invocations.invoke(target, request.body, {
          type: headers['x-fc-invocation-type'],
          requestId,
          ...(taskId === undefined ? {} : { taskId }),
        });
        return invokeResponse(target, result, headers['x-fc-log-type'] === 'Tail');
      },
    },
  ];
}

/** A function error is HTTP 200 too; the header `x-fc-error-type` tells it. */
function invokeResponse(target: DeployedFunction, result: InvokeResult, withLog: boolean): HttpResponse {
  const { requestId } = result;
  if (result.kind === 'refused') return errorResponse(result, requestId);
  const headers = { 'x-fc-request-id': requestId, 'x-fc-code-checksum': target.code.checksum };
  if (result.kind === 'accepted') {
    return { status: 202, headers: { ...headers, 'x-fc-async-task-id': result.taskId } };
  }
  return {
    status: 200,
    body: result.payload,
    headers: {
      ...headers,
      'content-type': result.functionError ? 'application/json' : 'application/octet-stream',
      'x-fc-instance-id': result.instanceId,
      'x-fc-invocation-service-version': 'LATEST',
      'x-fc-invocation-duration': String(result.durationMs),
      'x-fc-max-memory-usage': String(result.maxMemoryMb),
      ...(result.functionError ? { 'x-fc-error-type': result.functionError } : {}),
      ...(withLog ? { 'x-fc-log-result': result.logTail.toString('base64') } : {}),
    },
  };
}
