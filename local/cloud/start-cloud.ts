import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Change } from '../../setup/change.ts';
import { readRelease } from '../../setup/read-release.ts';
import { type Clock, type ClockPace, createSystemClock } from '../../shared/clock.ts';
import { callHttp } from '../../shared/http/call.ts';
import { createLog, type Log } from '../../shared/log.ts';
import { type Names, namesOf } from '../../shared/names.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { createCloudAssistant } from '../cloud-assistant/create-cloud-assistant.ts';
import { createDingtalk, type Dingtalk } from '../dingtalk/dingtalk.ts';
import { createEventBridge } from '../event-bridge/create-event-bridge.ts';
import { createFaults, type Faults } from '../faults.ts';
import { createFunctionCompute, type FunctionCompute } from '../function-compute/create-function-compute.ts';
import { type HttpHandler, serve } from '../http/server.ts';
import { createIdentities } from '../identities.ts';
import { createInstance } from '../instance/create-instance.ts';
import type { Instance } from '../instance/instance.ts';
import { createObjectStorage } from '../object-storage/create-object-storage.ts';
import { type Activity, createActivity } from './activity.ts';
import { type CloudState, openCloudState, saveCloudState } from './cloud-state.ts';
import { invokeFunction } from './invoke-function.ts';
import { createOrganisation } from './organisation.ts';
import { settlePlaceholders } from './placeholders.ts';
import { readFunctions } from './read-functions.ts';

export const REGION = 'cn-hangzhou';
export const ENVIRONMENT = 'dev';

export interface CloudOptions {
  /** The repository: s.yaml, dist/ and scripts/ are read from it. */
  root: string;
  /** Keeps everything: records, users on instances, messages. Made if absent. */
  directory: string;
  /** The first of five ports in a row, or 0 for free ones. */
  port: number;
  /** How fast time runs for timers, retries and time-outs. Default 1. */
  speed?: number;
  /** How fast time runs on the instances alone. Default as `speed`. */
  instanceSpeed?: number;
}

export interface Endpoints {
  event_bridge: string;
  ecs: string;
  oss: string;
  fc: string;
  dingtalk: string;
}

export interface Cloud {
  region: string;
  state: CloudState;
  names: Names;
  /** With every `${NAME}` filled in. */
  workflows: Workflows;
  endpoints: Endpoints;
  /** URL of the callback. */
  ingestUrl: string;
  /** Ids of the commands by their name in workflows.yaml. */
  commandIds: Record<string, string>;
  changes: Change[];
  activity: Activity;
  faults: Faults;
  functions: FunctionCompute;
  dingtalk: Dingtalk;
  instances: Instance[];
  setAgentOnline(instanceId: string, online: boolean): void;
  close(): Promise<void>;
}

/**
 * The embedded cloud: every service on loopback, the built functions in it, set up by the same code as the real one.
 * What has been started is closed again if anything fails.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await start(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: CloudOptions, closers: (() => Promise<void>)[]): Promise<Omit<Cloud, 'close'>> {
  const { root, directory } = options;
  const release = await readRelease(root);
  const state = await openCloudState(directory, randomText);
  const local = settlePlaceholders(release.workflows, {
    instanceIds: state.instance_ids,
    secretFor: (name) => secretOf(state, name),
  });
  await saveCloudState(directory, state);
  const workflows = loadWorkflows(release.file, { variables: local.variables, used: ['on', 'run', 'chats'] });

  const pace = { speed: options.speed ?? 1, origin: Date.now() };
  const activity = createActivity();
  const tools = createTools(pace, activity, state);
  const instances = await startInstances({ ...options, ...tools, pace, instanceIds: local.instanceIds }, closers);
  const services = await startServices({ ...options, ...tools, state, instances, pace }, closers);
  const { eventBridge, cloudAssistant, objectStorage, functions } = services;
  const organisation = createOrganisation(workflows, local, appOf(state));
  const dingtalk = await createDingtalk({
    ...tools,
    randomBytes,
    callHttp,
    directory: join(directory, 'dingtalk'),
    organisation,
  });
  closers.push(() => dingtalk.close());

  const listen = async (handle: HttpHandler, offset: number) => {
    const server = await serve(handle, {
      port: options.port === 0 ? 0 : options.port + offset,
      onError: logError(tools.log),
    });
    closers.push(() => server.close());
    return server.origin;
  };
  const urls = {
    eventBridge: await listen(eventBridge.handle, 0),
    ecs: await listen(cloudAssistant.handle, 1),
    oss: await listen(objectStorage.handle, 2),
    fc: await listen(functions.handle, 3),
    dingtalk: await listen(dingtalk.handle, 4),
  };
  const names = namesOf(ENVIRONMENT, state.account_id);
  const target = {
    environmentName: ENVIRONMENT,
    region: REGION,
    accountId: state.account_id,
    credentials: keysOf(state),
    endpoints: urls,
    clock: tools.signatureClock,
    log: tools.log,
  };
  const putFunctions = async () => {
    for (const definition of await readFunctions(root, { ...local.variables, ...deployVariables(state) })) {
      const environmentVariables = { ...definition.environmentVariables, ...embeddedVariables(urls, pace) };
      await functions.putFunction({ ...definition, environmentVariables, warm: true });
    }
  };
  // The official clients take half a second to load: commands that start no cloud do not pay for them.
  const { setUp } = await import('../../setup/set-up.ts');
  const [{ changes, commandIds }] = await Promise.all([
    setUp(target, { ...release, workflows, instances: local.instanceIds }),
    putFunctions(),
  ]);
  const ingestUrl = functions.httpTriggerUrl(names.function('ingest'));
  dingtalk.setEventSubscription({
    url: ingestUrl,
    token: state.dingtalk.callback_token,
    aesKey: state.dingtalk.callback_aes_key,
    ownerKey: state.dingtalk.app_key,
  });
  await dingtalk.verifyEventSubscription();
  const host = (url: string) => new URL(url).host;
  return {
    region: REGION,
    state,
    names,
    workflows,
    endpoints: {
      event_bridge: host(urls.eventBridge),
      ecs: host(urls.ecs),
      oss: urls.oss,
      fc: urls.fc,
      dingtalk: urls.dingtalk,
    },
    ingestUrl,
    commandIds,
    changes,
    activity,
    faults: tools.faults,
    functions,
    dingtalk,
    instances,
    setAgentOnline: cloudAssistant.setAgentOnline,
  };
}

type Tools = ReturnType<typeof createTools>;

function createTools(pace: ClockPace, activity: Activity, state: CloudState) {
  const clock = createSystemClock(pace);
  const identities = createIdentities(state.account_id);
  identities.add({ ...keysOf(state), name: 'root' });
  return {
    region: REGION,
    clock,
    /** SDKs sign with the machine's time, however fast the embedded cloud runs. */
    signatureClock: createSystemClock(),
    log: createLog({ clock, level: 'debug', write: (entry) => activity.write(entry) }),
    faults: createFaults(),
    identities,
    newId: () => randomUUID(),
    random: Math.random,
  };
}

async function startInstances(
  options: CloudOptions & { clock: Clock; log: Log; pace: ClockPace; instanceIds: readonly string[] },
  closers: (() => Promise<void>)[],
): Promise<Instance[]> {
  const { root, directory, log, pace } = options;
  const clock =
    options.instanceSpeed === undefined ? options.clock : createSystemClock({ ...pace, speed: options.instanceSpeed });
  return Promise.all(
    options.instanceIds.map(async (instanceId) => {
      const place = join(directory, 'instances', instanceId);
      const instance = await createInstance({
        instanceId,
        directory: place,
        hiddenPaths: [root, directory],
        clock,
        log,
      });
      closers.push(() => instance.close());
      return instance;
    }),
  );
}

async function startServices(
  options: CloudOptions & Tools & { state: CloudState; instances: Instance[]; pace: ClockPace },
  closers: (() => Promise<void>)[],
) {
  const place = (name: string) => join(options.directory, name);
  const functions = await createFunctionCompute({
    ...options,
    realClock: options.signatureClock,
    runtimeFile: join(options.root, 'dist', 'local', 'fc-runtime.js'),
  });
  closers.push(() => functions.close());
  const eventBridge = await createEventBridge({
    ...options,
    directory: place('event-bridge'),
    deliver: (target, body) => invokeFunction(functions, target, body),
  });
  closers.push(() => eventBridge.close());
  const cloudAssistant = await createCloudAssistant({
    ...options,
    directory: place('cloud-assistant'),
    publish: (event) => eventBridge.publish({ source: 'acs.ecs', ...event }),
  });
  closers.push(() => cloudAssistant.close());
  const objectStorage = await createObjectStorage({ ...options, directory: place('object-storage') });
  closers.push(() => objectStorage.close());
  return { functions, eventBridge, cloudAssistant, objectStorage };
}

/** Values that the deploying shell would have for s.yaml. */
function deployVariables(state: CloudState): Record<string, string> {
  return {
    LOOP_ENVIRONMENT: ENVIRONMENT,
    ALIYUN_REGION: REGION,
    ALIYUN_ACCOUNT_ID: state.account_id,
    DINGTALK_CORP_ID: state.dingtalk.corp_id,
    DINGTALK_APP_KEY: state.dingtalk.app_key,
    DINGTALK_APP_SECRET: state.dingtalk.app_secret,
    DINGTALK_CALLBACK_TOKEN: state.dingtalk.callback_token,
    DINGTALK_CALLBACK_AES_KEY: state.dingtalk.callback_aes_key,
  };
}

/** What tells the same bundles that the cloud is this one. */
function embeddedVariables(
  urls: { eventBridge: string; ecs: string; oss: string; dingtalk: string },
  { speed, origin }: ClockPace,
): Record<string, string> {
  return {
    EVENT_BRIDGE_ENDPOINT: urls.eventBridge,
    ECS_ENDPOINT: urls.ecs,
    OSS_ENDPOINT: urls.oss,
    DINGTALK_API_ENDPOINT: urls.dingtalk,
    DINGTALK_OAPI_ENDPOINT: urls.dingtalk,
    CLOCK_SPEED: String(speed),
    CLOCK_ORIGIN: String(origin),
  };
}

function appOf({ dingtalk }: CloudState) {
  return { corpId: dingtalk.corp_id, appKey: dingtalk.app_key, appSecret: dingtalk.app_secret };
}

function keysOf(state: CloudState) {
  return { accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret };
}

/** A secret that is made when it is first asked for and stays the same for this cloud's folder. */
function secretOf(state: CloudState, name: string): string {
  state.secrets[name] ??= randomText(40);
  return state.secrets[name];
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => LETTERS_AND_DIGITS[byte % LETTERS_AND_DIGITS.length]).join('');
}

function logError(log: Log): (error: unknown) => void {
  return (error) => log.error('an embedded service failed', { error: String(error) });
}
