import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import FcClient, { GetFunctionCodeRequest, GetFunctionRequest, ListTriggersRequest } from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import * as z from 'zod';
import { unzip } from '../../local/function-compute/unzip.ts';
import type { SetupTarget } from '../../setup/target.ts';
import { callHttp } from '../../shared/http/call.ts';
import { sha256Hex } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import { codeOf } from './describe-error.ts';
import { type KnownVariables, readReferences } from './read-references.ts';

/** A function as Function Compute has it. */
export interface DeployedFunction extends KnownVariables {
  role: string;
  /** ms since the epoch */
  changedAt: number;
  triggers: readonly Trigger[];
  /** Where its lines go, if anywhere. */
  log?: { project: string; logstore: string } | undefined;
}

export interface Trigger {
  name: string;
  type: string;
  config: Readonly<Record<string, unknown>>;
  /** Of an HTTP trigger: where it is reached. */
  url?: string;
}

export interface FunctionsApi {
  /** Undefined where there is no such function. */
  find(functionName: string): Promise<DeployedFunction | undefined>;
  /** SHA-256 of each file of its code, by its path. */
  readCode(functionName: string): Promise<ReadonlyMap<string, string>>;
}

/** https://www.alibabacloud.com/help/en/functioncompute/developer-reference/api-fc-2023-03-30-getfunction */
const functionSchema = z.object({
  role: z.string().default(''),
  environmentVariables: z.record(z.string(), z.string()).default({}),
  lastModifiedTime: z.string().default(''),
  logConfig: z.object({ project: z.string(), logstore: z.string() }).optional(),
});
const triggerSchema = z.object({
  triggerName: z.string(),
  triggerType: z.string(),
  triggerConfig: z.string().default('{}'),
  httpTrigger: z.object({ urlInternet: z.string().optional() }).optional(),
});
const triggersSchema = z.object({ triggers: z.array(triggerSchema).default([]) });
const configSchema = z.record(z.string(), z.unknown()).catch({});
const codeSchema = z.object({ url: z.string() });

/** A code package may have 100 MB; ours have less than one. */
const MAX_CODE_BYTES = 20 * 1024 * 1024;

export function createFunctionsApi(target: SetupTarget): FunctionsApi {
  const { region, accountId, credentials, endpoints } = target;
  const { host, protocol } = new URL(endpoints.fc ?? `https://${accountId}.${region}.fc.aliyuncs.com`);
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const keys = { accessKeyId, accessKeySecret, ...(securityToken === undefined ? {} : { securityToken }) };
  const times = { connectTimeout: 20_000, readTimeout: 20_000 };
  const place = { endpoint: host, protocol: protocol.slice(0, -1), regionId: region };
  const client = new FcClient(new $OpenApiUtil.Config({ ...keys, ...place, ...times }));
  return {
    async find(name) {
      const found = await client.getFunction(name, new GetFunctionRequest({})).catch(unlessNotFound);
      if (!found) return undefined;
      const listed = await client.listTriggers(name, new ListTriggersRequest({ limit: 100 }));
      const { role, environmentVariables, lastModifiedTime, logConfig } = functionSchema.parse(found.body);
      const { triggers } = triggersSchema.parse(listed.body);
      const changedAt = Date.parse(lastModifiedTime);
      const known = { role, changedAt, log: logConfig, ...(await readReferences(target, environmentVariables)) };
      return { ...known, triggers: triggers.map(toTrigger) };
    },
    async readCode(name) {
      const { body } = await client.getFunctionCode(name, new GetFunctionCodeRequest({}));
      const { url } = codeSchema.parse(body);
      const call = { service: 'fc', method: 'GET', url, timeoutMs: 30_000, maxAnswerBytes: MAX_CODE_BYTES } as const;
      const { status, body: zip } = await callHttp(call);
      if (status !== 200) throw new Error(`the code of ${name} could not be fetched (HTTP ${status})`);
      return digestsOf(zip);
    },
  };
}

function unlessNotFound(error: unknown): undefined {
  if (codeOf(error)?.endsWith('FunctionNotFound')) return undefined;
  throw error;
}

function toTrigger({ triggerName, triggerType, triggerConfig, httpTrigger }: z.infer<typeof triggerSchema>): Trigger {
  const url = httpTrigger?.urlInternet;
  const config = configSchema.parse(parseJson(triggerConfig));
  return { name: triggerName, type: triggerType, config, ...(url ? { url: url.replace(/\/$/, '') } : {}) };
}

async function digestsOf(zip: Buffer): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'approval-loop-code-'));
  try {
    await unzip(zip, folder);
    return await digestsBelow(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** SHA-256 of each file of a folder, by its path. */
export async function digestsBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digests = files.map(async (file) => {
    return [relative(folder, file).split(sep).join('/'), sha256Hex(await readFile(file))] as const;
  });
  return new Map(await Promise.all(digests));
}
