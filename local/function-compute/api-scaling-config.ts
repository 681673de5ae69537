import { ApiError, parseInput } from './api-error.ts';
import { type Api, emptyResponse, functionsPath, jsonBody, jsonResponse, type Operation } from './api-operation.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { scalingConfigSchema } from './function-definition.ts';
import { functionArn } from './platform.ts';

const PATH = functionsPath('/*/scaling-config');

/** Minimum instances; field names as in the SDK's model ScalingConfigStatus. */
export function scalingConfigOperations({ platform, registry }: Api): Operation[] {
  const get = ([functionName = '']: string[]) => registry.get(functionName);
  const answer = ({ definition, scaling }: DeployedFunction) => {
    if (!scaling) {
      const message = `scaling config for function '${definition.functionName}' does not exist`;
      throw new ApiError(404, 'ScalingConfigNotFound', message);
    }
    const { minInstances } = scaling;
    const counts = { minInstances, targetInstances: minInstances, currentInstances: minInstances };
    return { ...counts, functionArn: functionArn(platform, definition.functionName) };
  };
  return [
    {
      name: 'PutScalingConfig',
      method: 'PUT',
      path: PATH,
      async run({ names, request, requestId }) {
        const target = get(names);
        registry.scale(target, parseInput(scalingConfigSchema, jsonBody(request)));
        return jsonResponse(requestId, answer(target));
      },
    },
    {
      name: 'GetScalingConfig',
      method: 'GET',
      path: PATH,
      run: async ({ names, requestId }) => jsonResponse(requestId, answer(get(names))),
    },
    {
      name: 'DeleteScalingConfig',
      method: 'DELETE',
      path: PATH,
      async run({ names, requestId }) {
        const target = get(names);
        answer(target);
        registry.scale(target, undefined);
        return emptyResponse(requestId);
      },
    },
  ];
}
