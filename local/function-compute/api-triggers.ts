import * as z from 'zod';
import { ApiError, parseInput } from './api-error.ts';
import {
  type Api,
  emptyResponse,
  functionsPath,
  jsonBody,
  jsonResponse,
  type Operation,
  page,
} from './api-operation.ts';
import type { DeployedFunction, DeployedTrigger } from './deployed-function.ts';
import { triggerDefinitionSchema } from './function-definition.ts';
import { formatTime, functionArn, type Platform } from './platform.ts';

/** On the wire the configuration is JSON inside a string. */
const triggerConfig = z.string().transform((text, check): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    check.addIssue('is not JSON');
    return z.NEVER;
  }
});
const createTriggerSchema = z.object({ triggerName: z.string(), triggerType: z.string(), triggerConfig });
const updateTriggerSchema = z.object({ triggerConfig });

export function triggerOperations({ platform, registry }: Api): Operation[] {
  const getFunction = ([functionName = '']: string[]) => registry.get(functionName);
  const getTrigger = (names: string[]) => {
    const [functionName = '', triggerName = ''] = names;
    const trigger = getFunction(names).triggers.get(triggerName);
    if (trigger) return trigger;
    throw new ApiError(404, 'TriggerNotFound', `trigger '${triggerName}' does not exist in function '${functionName}'`);
  };
  return [
    {
      name: 'CreateTrigger',
      method: 'POST',
      path: functionsPath('/*/triggers'),
      async run({ names, request, requestId }) {
        const target = getFunction(names);
        const input = parseInput(createTriggerSchema, jsonBody(request));
        const definition = parseInput(triggerDefinitionSchema, input);
        if (target.triggers.has(definition.triggerName)) {
          throw new ApiError(409, 'TriggerAlreadyExists', `trigger '${definition.triggerName}' already exists`);
        }
        if (definition.triggerType === 'http' && hasHttpTrigger(target)) {
          throw new ApiError(400, 'InvalidArgument', 'a function has at most one HTTP trigger');
        }
        const trigger = await registry.putTrigger(target, definition);
        return jsonResponse(requestId, triggerAnswer(platform, target, trigger));
      },
    },
    {
      name: 'ListTriggers',
      method: 'GET',
      path: functionsPath('/*/triggers'),
      async run({ names, request, requestId }) {
        const target = getFunction(names);
        const sorted = [...target.triggers.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
        const { items, nextToken } = page(sorted, (each) => each.definition.triggerName, request.query);
        const triggers = items.map((each) => triggerAnswer(platform, target, each));
        return jsonResponse(requestId, { triggers, nextToken });
      },
    },
    {
      name: 'GetTrigger',
      method: 'GET',
      path: functionsPath('/*/triggers/*'),
      run: async ({ names, requestId }) =>
        jsonResponse(requestId, triggerAnswer(platform, getFunction(names), getTrigger(names))),
    },
    {
      name: 'UpdateTrigger',
      method: 'PUT',
      path: functionsPath('/*/triggers/*'),
      async run({ names, request, requestId }) {
        const { triggerName, triggerType } = getTrigger(names).definition;
        const input = parseInput(updateTriggerSchema, jsonBody(request));
        const definition = parseInput(triggerDefinitionSchema, { triggerName, triggerType, ...input });
        const trigger = await registry.putTrigger(getFunction(names), definition);
        return jsonResponse(requestId, triggerAnswer(platform, getFunction(names), trigger));
      },
    },
    {
      name: 'DeleteTrigger',
      method: 'DELETE',
      path: functionsPath('/*/triggers/*'),
      async run({ names, requestId }) {
        await registry.removeTrigger(getFunction(names), getTrigger(names).definition.triggerName);
        return emptyResponse(requestId);
      },
    },
  ];
}

function hasHttpTrigger(target: DeployedFunction): boolean {
  return [...target.triggers.values()].some(({ url }) => url !== undefined);
}

/** Field names as in the SDK's model Trigger. */
function triggerAnswer(platform: Platform, target: DeployedFunction, trigger: DeployedTrigger) {
  const { triggerName, triggerType, triggerConfig: config } = trigger.definition;
  return {
    triggerName,
    triggerType,
    triggerConfig: JSON.stringify(config),
    triggerId: trigger.triggerId,
    targetArn: functionArn(platform, target.definition.functionName),
    qualifier: 'LATEST',
    status: 'OK',
    createdTime: formatTime(trigger.createdTime),
    lastModifiedTime: formatTime(trigger.lastModifiedTime),
    ...(trigger.url === undefined ? {} : { httpTrigger: { urlInternet: trigger.url, urlIntranet: trigger.url } }),
  };
}
