import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, createSystemClock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Faults } from '../faults.ts';
import type { HttpHandler } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { createApi } from './api.ts';
import { functionNotFound } from './api-error.ts';
import type { Credentials } from './deployed-function.ts';
import { type FunctionDefinition, functionDefinitionSchema } from './function-definition.ts';
import { createFunctionRegistry } from './function-registry.ts';
import { createInvocations, type InvocationType } from './invocations.ts';
import type { InvokeResult } from './invoke-result.ts';
import type { Platform } from './platform.ts';
import { unzip } from './unzip.ts';

export interface FunctionComputeOptions {
  region: string;
  identities: Identities;
  /** Time of timers, retries and event age; may be accelerated. */
  clock: Clock;
  log: Log;
  faults: Faults;
  /** Ids and secrets: hard to guess where that matters. */
  newId: () => string;
  /** From 0 up to 1, for request ids. */
  random: () => number;
  /** The bundle of `runtime/main.ts` (CommonJS). */
  runtimeFile: string;
  /** Extra variables of every function. */
  environment?: Readonly<Record<string, string>>;
  /** The key that functions with a role are given, where it is not this platform that checks it; default one each. */
  credentials?: Credentials;
  /** Each line that a function prints, as it is; the log has it too. */
  onLine?: (line: string) => void;
  /** Default 10. */
  maxInstancesPerFunction?: number;
  /** Spelling of header names in HTTP events; default `canonical` (`Content-Type`), as in a recorded event. */
  headerCase?: 'canonical' | 'lower';
  /** Time that cannot be scaled: how long code may run, how long callers queue, when requests were signed. */
  realClock?: Clock;
}

export interface FunctionCompute {
  /** The FC 3.0 API. */
  handle: HttpHandler;
  /** Creates a function or brings it to this definition, triggers included; throws a ZodError for a wrong one. */
  putFunction(definition: FunctionDefinition): Promise<void>;
  /** As InvokeFunction does, without the API in between. */
  invoke(functionName: string, payload: Buffer, options: { type: InvocationType }): Promise<InvokeResult>;
  /** Origin of the function's HTTP trigger; throws if it has none. */
  httpTriggerUrl(functionName: string): string;
  /** SIGKILL for all instances of a function, as a crash; resolves when they are gone. */
  killInstances(functionName: string): Promise<void>;
  /** Stops timers, ports and processes and forgets queued events. */
  close(): Promise<void>;
}

export async function createFunctionCompute(options: FunctionComputeOptions): Promise<FunctionCompute> {
  const platform = createPlatform(options);
  const invocations = createInvocations(platform);
  const registry = createFunctionRegistry(platform, invocations);
  const codeRoot = await mkdtemp(join(tmpdir(), 'function-compute-'));
  const unpack = async (zip: Buffer) => {
    const directory = await mkdtemp(join(codeRoot, 'code-'));
    await unzip(zip, directory);
    return directory;
  };

  return {
    handle: createApi({ platform, registry, invocations, unpack }),
    async putFunction(input) {
      const { triggers, warm, ...definition } = functionDefinitionSchema.parse(input);
      const folder = await stat(definition.codeDirectory).catch(() => undefined);
      if (!folder?.isDirectory()) throw new Error(`the code folder ${definition.codeDirectory} does not exist`);
      const target = await registry.put(definition);
      const wanted = new Set(triggers.map(({ triggerName }) => triggerName));
      for (const triggerName of [...target.triggers.keys()]) {
        if (!wanted.has(triggerName)) await registry.removeTrigger(target, triggerName);
      }
      for (const trigger of triggers) await registry.putTrigger(target, trigger);
      if (warm) target.pool.warm();
    },
    async invoke(functionName, payload, { type }) {
      const target = registry.find(functionName);
      if (target) return invocations.invoke(target, payload, { type });
      const { status, code, message } = functionNotFound(functionName);
      return { kind: 'refused', requestId: platform.newRequestId(), status, code, message };
    },
    httpTriggerUrl(functionName) {
      const url = [...registry.get(functionName).triggers.values()].find((each) => each.url !== undefined)?.url;
      if (url === undefined) throw new Error(`the function '${functionName}' has no HTTP trigger`);
      return url;
    },
    killInstances: (functionName) => registry.get(functionName).pool.killAll(),
    async close() {
      await Promise.all(registry.list().map((target) => registry.remove(target)));
      await invocations.settled();
      await rm(codeRoot, { recursive: true, force: true });
    },
  };
}

function createPlatform(options: FunctionComputeOptions): Platform {
  const { region, identities, clock, log, faults, newId, random, runtimeFile } = options;
  const realClock = options.realClock ?? createSystemClock();
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return {
    region,
    identities,
    clock,
    realClock,
    log,
    faults,
    newId,
    runtimeFile,
    newRequestId: () => `1-${Math.floor(clock.now() / 1_000).toString(16)}-${hex(8)}-${hex(12)}`,
    environment: options.environment ?? {},
    credentials: options.credentials,
    onLine: options.onLine ?? (() => {}),
    maxInstancesPerFunction: options.maxInstancesPerFunction ?? 10,
    headerCase: options.headerCase ?? 'canonical',
  };
}
