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
import { crc64 } from './crc64.ts';
import type { CodePackage, DeployedFunction } from './deployed-function.ts';
import { createFunctionSchema, updateFunctionSchema } from './function-definition.ts';
import { formatTime, functionArn, type Platform } from './platform.ts';

/** https://www.alibabacloud.com/help/en/functioncompute/product-overview/limits-of-usage */
const MAX_ZIP_BYTES = 100 * 1024 * 1024;

export function functionOperations(api: Api): Operation[] {
  const { platform, registry } = api;
  const get = ([functionName = '']: string[]) => registry.get(functionName);
  return [
    {
      name: 'CreateFunction',
      method: 'POST',
      path: functionsPath(''),
      async run({ request, requestId }) {
        const { code, ...definition } = parseInput(createFunctionSchema, jsonBody(request));
        if (registry.find(definition.functionName)) {
          throw new ApiError(409, 'FunctionAlreadyExists', `function '${definition.functionName}' already exists`);
        }
        checkRatio(definition);
        const { codeDirectory, codePackage } = await unpackCode(api, code.zipFile);
        const created = await registry.put({ ...definition, codeDirectory }, codePackage);
        return jsonResponse(requestId, functionAnswer(platform, created));
      },
    },
    {
      name: 'ListFunctions',
      method: 'GET',
      path: functionsPath(''),
      async run({ request, requestId }) {
        const { items, nextToken } = page(registry.list(), (each) => each.definition.functionName, request.query);
        return jsonResponse(requestId, { functions: items.map((each) => functionAnswer(platform, each)), nextToken });
      },
    },
    {
      name: 'GetFunction',
      method: 'GET',
      path: functionsPath('/*'),
      run: async ({ names, requestId }) => jsonResponse(requestId, functionAnswer(platform, get(names))),
    },
    {
      name: 'UpdateFunction',
      method: 'PUT',
      path: functionsPath('/*'),
      async run({ names, request, requestId }) {
        const target = get(names);
        const { code, ...changes } = parseInput(updateFunctionSchema, jsonBody(request));
        const { codeDirectory, codePackage } = code?.zipFile
          ? await unpackCode(api, code.zipFile)
          : { codeDirectory: target.definition.codeDirectory, codePackage: target.code };
        const definition = { ...target.definition, ...withoutUndefined(changes), codeDirectory };
        checkRatio(definition);
        const updated = await registry.put(definition, codePackage);
        return jsonResponse(requestId, functionAnswer(platform, updated));
      },
    },
    {
      name: 'DeleteFunction',
      method: 'DELETE',
      path: functionsPath('/*'),
      async run({ names, requestId }) {
        await registry.remove(get(names));
        return emptyResponse(requestId);
      },
    },
  ];
}

/** vCPU to GB between 1:1 and 1:4, as the API documentation in `@alicloud/fc20230330` 4.7.6 has it. */
function checkRatio({ cpu, memorySize }: { cpu?: number | undefined; memorySize: number }): void {
  const ratio = memorySize / 1024 / (cpu ?? memorySize / 1024);
  if (ratio >= 1 && ratio <= 4) return;
  throw new ApiError(400, 'InvalidArgument', `${memorySize} MB do not fit ${cpu} vCPU, which go with 1 to 4 GB each`);
}

async function unpackCode(api: Api, zipFile: string): Promise<{ codeDirectory: string; codePackage: CodePackage }> {
  const zip = Buffer.from(zipFile, 'base64');
  if (zip.length > MAX_ZIP_BYTES) throw new ApiError(400, 'InvalidArgument', 'code.zipFile is larger than 100 MB');
  try {
    return { codeDirectory: await api.unpack(zip), codePackage: { checksum: crc64(zip), bytes: zip.length } };
  } catch (error) {
    throw new ApiError(400, 'InvalidArgument', `code.zipFile cannot be unpacked: ${String(error)}`);
  }
}

/** Field names as in the SDK's model Function. */
function functionAnswer(platform: Platform, { definition, code, ...target }: DeployedFunction) {
  const { codeDirectory: _, asyncInvokeConfig: __, ...settings } = definition;
  return {
    cpu: 0.35,
    diskSize: 512,
    internetAccess: true,
    tags: [],
    ...settings,
    functionId: target.functionId,
    functionArn: functionArn(platform, definition.functionName),
    codeChecksum: code.checksum,
    codeSize: code.bytes,
    instanceConcurrency: 1,
    state: 'Active',
    lastUpdateStatus: 'Successful',
    createdTime: formatTime(target.createdTime),
    lastModifiedTime: formatTime(target.lastModifiedTime),
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(object: T): Defined<T>;
function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
