import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { functionNotFound } from './api-error.ts';
import { crc64 } from './crc64.ts';
import type { CodePackage, Credentials, DeployedFunction, DeployedTrigger } from './deployed-function.ts';
import type { CheckedDefinition, ScalingConfig, TriggerDefinition } from './function-definition.ts';
import { type FunctionInstance, startInstance } from './function-instance.ts';
import { instanceEnvironment } from './instance-environment.ts';
import { createInstancePool } from './instance-pool.ts';
import type { Invocations } from './invocations.ts';
import { passOnLine } from './pass-on-line.ts';
import type { Platform } from './platform.ts';
import { startTrigger } from './start-trigger.ts';

/** How long a caller queues when every instance is busy and no more may start. */
const QUEUE_MS = 1_000;

/** The functions that exist and their triggers. */
export interface FunctionRegistry {
  /** Throws the API's FunctionNotFound. */
  get(functionName: string): DeployedFunction;
  find(functionName: string): DeployedFunction | undefined;
  list(): DeployedFunction[];
  /** Creates or updates; triggers that are already there stay. Without `code` it is read from the code folder. */
  put(definition: DeployedFunction['definition'], code?: CodePackage): Promise<DeployedFunction>;
  /** Keeps so many instances warm from now on. */
  scale(target: DeployedFunction, scaling: ScalingConfig | undefined): void;
  remove(target: DeployedFunction): Promise<void>;
  /** Creates or updates; an HTTP trigger keeps its port. */
  putTrigger(target: DeployedFunction, definition: TriggerDefinition): Promise<DeployedTrigger>;
  removeTrigger(target: DeployedFunction, triggerName: string): Promise<void>;
}

export function createFunctionRegistry(platform: Platform, invocations: Invocations): FunctionRegistry {
  const functions = new Map<string, DeployedFunction>();

  const removeTrigger = async (target: DeployedFunction, triggerName: string) => {
    await target.triggers.get(triggerName)?.close();
    target.triggers.delete(triggerName);
  };
  return {
    get(functionName) {
      const target = functions.get(functionName);
      if (!target) throw functionNotFound(functionName);
      return target;
    },
    find: (functionName) => functions.get(functionName),
    list: () => [...functions.values()].sort((a, b) => compare(a.definition.functionName, b.definition.functionName)),
    async put(definition, code) {
      const codePackage = code ?? (await codeOfFolder(definition));
      const old = functions.get(definition.functionName);
      const version = {
        definition,
        code: codePackage,
        credentials: old?.credentials.accessKeyId ? old.credentials : issueCredentials(platform, definition),
        lastModifiedTime: platform.clock.now(),
      };
      const start = () => startVersion(platform, version);
      if (old) {
        old.pool.renew(start);
        warm(old, old.scaling?.minInstances);
        return Object.assign(old, version);
      }
      const target: DeployedFunction = {
        ...version,
        pool: createInstancePool({
          start,
          maximum: platform.maxInstancesPerFunction,
          queueMs: QUEUE_MS,
          clock: platform.realClock,
        }),
        functionId: platform.newId(),
        createdTime: version.lastModifiedTime,
        triggers: new Map(),
        taskIds: new Set(),
        removal: new AbortController(),
      };
      // Every waiting retry listens to it.
      setMaxListeners(0, target.removal.signal);
      functions.set(definition.functionName, target);
      return target;
    },
    scale(target, scaling) {
      warm(target, (scaling?.minInstances ?? 0) - (target.scaling?.minInstances ?? 0));
      target.scaling = scaling;
    },
    async remove(target) {
      functions.delete(target.definition.functionName);
      target.removal.abort(new Error('the function was removed'));
      await Promise.all([...target.triggers.keys()].map((triggerName) => removeTrigger(target, triggerName)));
      await target.pool.close();
    },
    async putTrigger(target, definition) {
      const old = target.triggers.get(definition.triggerName);
      const now = platform.clock.now();
      if (old?.url !== undefined && definition.triggerType === 'http') {
        return Object.assign(old, { definition, lastModifiedTime: now });
      }
      await old?.close();
      const started = await startTrigger({ platform, invocations, target }, definition);
      const trigger = old
        ? Object.assign(started, { triggerId: old.triggerId, createdTime: old.createdTime })
        : started;
      target.triggers.set(definition.triggerName, trigger);
      return trigger;
    },
    removeTrigger,
  };
}

function warm({ pool }: DeployedFunction, instances = 0): void {
  for (let started = 0; started < instances; started += 1) pool.warm();
}

function startVersion(
  platform: Platform,
  version: Pick<DeployedFunction, 'definition' | 'credentials'>,
): FunctionInstance {
  const { definition } = version;
  const log = platform.log.with({ function: definition.functionName });
  const instanceId = `c-${platform.newId()}`;
  const instance = startInstance({
    instanceId,
    runtimeFile: platform.runtimeFile,
    codeDirectory: definition.codeDirectory,
    environment: instanceEnvironment(platform, version, instanceId),
    memoryMb: definition.memorySize,
    clock: platform.realClock,
    onLine: (line) => {
      platform.onLine(line);
      passOnLine(line, log);
    },
  });
  makeKnown(platform, definition.functionName, instance);
  return instance;
}

/** While it lives, the doors of the other services can tell whose calls are its. */
function makeKnown({ faults }: Platform, functionName: string, { pid, instanceId, kill, exited }: FunctionInstance) {
  if (pid === undefined) return;
  faults.callers.add(pid, { functionName, instanceId, kill });
  void exited.then(() => faults.callers.remove(pid));
}

/** The temporary key of the function's role; without a role a function has none. */
function issueCredentials(platform: Platform, definition: DeployedFunction['definition']): Credentials {
  if (definition.role === undefined) return { accessKeyId: '', accessKeySecret: '', securityToken: '' };
  if (platform.credentials) return platform.credentials;
  const credentials = {
    accessKeyId: `STS.${platform.newId()}`,
    accessKeySecret: platform.newId(),
    securityToken: `CAIS${platform.newId()}`,
  };
  const role = definition.role.slice(definition.role.indexOf('/') + 1);
  platform.identities.add({ ...credentials, name: `function:${definition.functionName}`, role });
  return credentials;
}

async function codeOfFolder({ codeDirectory, handler }: Pick<CheckedDefinition, 'codeDirectory' | 'handler'>) {
  const file = join(codeDirectory, `${handler.slice(0, handler.lastIndexOf('.'))}.js`);
  // A missing file is reported by the first call, as the runtime does.
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  return { checksum: crc64(bytes), bytes: bytes.length };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
