import { randomBytes } from 'node:crypto';
import { targetNames } from '../../setup/target.ts';
import { createEcsCaller, type EcsCaller, ecsEndpoint } from '../../shared/alicloud/ecs-caller.ts';
import { type Clock, createSystemClock } from '../../shared/clock.ts';
import { environmentSchema, isSet } from '../../shared/config/environment.ts';
import { type CallHttp, callHttp } from '../../shared/http/call.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { createOssStore } from '../../shared/journal/oss-store.ts';
import type { Names } from '../../shared/names.ts';
import { configuredSources } from '../../shared/platforms/create-sources.ts';
import type { PlatformTools, Variables } from '../../shared/platforms/tools.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { OpenSetup } from '../setup/open-setup.ts';
import { createFunctionsApi, type DeployedFunction, type FunctionsApi } from './functions-api.ts';

export const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const satisfies FunctionName[];

/** The services of Alibaba Cloud that checks call. */
export const SERVICES = ['oss', 'ecs', 'event-bridge', 'ram', 'fc', 'sls'] as const;
export type Service = (typeof SERVICES)[number];

/** An environment that is looked at, and what it is looked at with. */
export interface Patient extends OpenSetup {
  root: string;
  names: Names;
  /** What to type to have setup make it right. */
  setupCommand: string;
  deployCommand: string;
  origins: Record<Service, string>;
  ecs: EcsCaller;
  work: ObjectStore;
  functionsApi: FunctionsApi;
  /** This machine's time. */
  clock: Clock;
}

/** The same with what Function Compute says of the functions, as far as it says anything. */
export interface Admitted extends Patient {
  functions: ReadonlyMap<FunctionName, DeployedFunction>;
  /** What this shell has. */
  shell: Variables;
  /** What the functions run with; where they do not tell, what this shell has. */
  variables: Variables;
  platforms: readonly PlatformName[];
  /** With every `${NAME}` filled in; undefined where a variable for that is missing. */
  workflows: Workflows | undefined;
  /** The environment's time, and what its functions reach the platforms with. */
  tools: PlatformTools;
}

/** A person waits: a slow line is no finding. */
const http: CallHttp = (call) => callHttp({ timeoutMs: 20_000, ...call });

export function createPatient(root: string, setup: OpenSetup, state: string | undefined): Patient {
  const { target } = setup;
  const { region, accountId, credentials, endpoints, environmentName } = target;
  const names = targetNames(target);
  const oss = endpoints.oss ?? `https://oss-${region}.aliyuncs.com`;
  const clock = createSystemClock();
  const where = state === undefined ? '' : ` --state ${state}`;
  const ecsHost = ecsEndpoint(region, endpoints.ecs);
  return {
    ...setup,
    root,
    names,
    setupCommand: `run "setup --env ${environmentName}${where}"`,
    deployCommand: state === undefined ? `run "deploy ${environmentName}"` : 'stop "local up" and start it again',
    origins: {
      oss,
      ecs: `${ecsHost.protocol}://${ecsHost.endpoint}`,
      'event-bridge': endpoints.eventBridge ?? `https://${accountId}.eventbridge.${region}.aliyuncs.com`,
      ram: endpoints.ram ?? 'https://ram.aliyuncs.com',
      sls: endpoints.sls ?? `https://${region}.log.aliyuncs.com`,
      fc: endpoints.fc ?? `https://${accountId}.${region}.fc.aliyuncs.com`,
    },
    ecs: createEcsCaller({ ...ecsHost, regionId: region, credentials: () => credentials, timeoutMs: 20_000 }),
    work: createOssStore({
      endpoint: oss,
      region,
      bucket: names.workBucket,
      credentials: () => credentials,
      http,
      clock,
    }),
    functionsApi: createFunctionsApi(target),
    clock,
  };
}

/** Reads the functions unless Function Compute is one of those that answer nothing. */
export async function admit(patient: Patient, refused: ReadonlySet<Service>): Promise<Admitted> {
  const found = refused.has('fc') ? [] : await Promise.all(FUNCTION_NAMES.map((name) => readFunction(patient, name)));
  const functions = new Map(found.flatMap((entry) => (entry ? [entry] : [])));
  const deployed = [...functions.values()].flatMap(({ variables }) => Object.entries(variables));
  const variables = { ...patient.variables, ...Object.fromEntries(deployed.filter(([, value]) => isSet(value))) };
  const platforms = configuredSources(variables);
  const pace = environmentSchema.safeParse({ LOOP_ENVIRONMENT: 'dev', ...paceOf(variables) }).data;
  const clock = createSystemClock({ speed: pace?.CLOCK_SPEED ?? 1, origin: pace?.CLOCK_ORIGIN ?? 1 });
  const tools = { http, clock, randomBytes };
  const workflows = fillIn(patient.file, variables, platforms);
  return { ...patient, functions, shell: patient.variables, variables, platforms, workflows, tools };
}

async function readFunction({ functionsApi, names }: Patient, name: FunctionName) {
  const found = await functionsApi.find(names.function(name));
  return found && ([name, found] as const);
}

function paceOf({ CLOCK_SPEED, CLOCK_ORIGIN }: Variables): Variables {
  return { ...(CLOCK_SPEED ? { CLOCK_SPEED } : {}), ...(CLOCK_ORIGIN ? { CLOCK_ORIGIN } : {}) };
}

/** A variable that is missing is named where the functions are looked at. */
function fillIn(file: unknown, variables: Variables, platforms: readonly PlatformName[]): Workflows | undefined {
  try {
    return loadWorkflows(file, { variables, used: ['on', 'run', 'chats'], platforms });
  } catch {
    return undefined;
  }
}
