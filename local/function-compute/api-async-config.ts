import { ApiError, parseInput } from './api-error.ts';
import { type Api, emptyResponse, functionsPath, jsonBody, jsonResponse, type Operation } from './api-operation.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { asyncInvokeConfigSchema } from './function-definition.ts';
import { formatTime, functionArn } from './platform.ts';

const PATH = functionsPath('/*/async-invoke-config');

export function asyncConfigOperations({ platform, registry }: Api): Operation[] {
  const get = ([functionName = '']: string[]) => registry.get(functionName);
  const configAnswer = ({ definition, createdTime, lastModifiedTime }: DeployedFunction) => {
    if (!definition.asyncInvokeConfig) {
      const message = `async config for function '${definition.functionName}' does not exist`;
      throw new ApiError(404, 'AsyncConfigNotExists', message);
    }
    return {
      ...definition.asyncInvokeConfig,
      functionArn: functionArn(platform, definition.functionName),
      createdTime: formatTime(createdTime),
      lastModifiedTime: formatTime(lastModifiedTime),
    };
  };
  return [
    {
      name: 'PutAsyncInvokeConfig',
      method: 'PUT',
      path: PATH,
      async run({ names, request, requestId }) {
        const target = get(names);
        const asyncInvokeConfig = parseInput(asyncInvokeConfigSchema, jsonBody(request));
        target.definition = { ...target.definition, asyncInvokeConfig };
        return jsonResponse(requestId, configAnswer(target));
      },
    },
    {
      name: 'GetAsyncInvokeConfig',
      method: 'GET',
      path: PATH,
      run: async ({ names, requestId }) => jsonResponse(requestId, configAnswer(get(names))),
    },
    {
      name: 'DeleteAsyncInvokeConfig',
      method: 'DELETE',
      path: PATH,
      async run({ names, requestId }) {
        const target = get(names);
        target.definition = { ...target.definition, asyncInvokeConfig: undefined };
        return emptyResponse(requestId);
      },
    },
  ];
}
