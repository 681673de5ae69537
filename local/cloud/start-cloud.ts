import type { LarkSetup } from '../../setup/lark-subscriptions.ts';
import { readRelease } from '../../setup/read-release.ts';
import { NO_SECRETS } from '../../setup/secrets/secret-names.ts';
import { type SetupTarget, targetNames } from '../../setup/target.ts';
import type { ClockPace } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import type { Names } from '../../shared/names.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { FunctionCompute } from '../function-compute/create-function-compute.ts';
import type { FunctionDefinition } from '../function-compute/function-definition.ts';
import { type HttpHandler, type OnUpgrade, serve } from '../http/server.ts';
import { EMBEDDED_ALARMS } from '../log-service/embedded-alarms.ts';
import { createActivity } from './activity.ts';
import { type Cloud, type CloudOptions, ENVIRONMENT } from './cloud.ts';
import { type CloudState, keysOf, openCloudState, saveCloudState, secretOf } from './cloud-state.ts';
import { connectReal } from './connect-real.ts';
import { connectorVariables, deployVariables, embeddedVariables, skewedOrigin } from './function-variables.ts';
import { type LocalValues, settlePlaceholders } from './placeholders.ts';
import { readFunctions } from './read-functions.ts';
import { ALL_EMBEDDED, type RealPlatforms, readRealPlatforms, variablesOf } from './real-platforms.ts';
import { startAppVariables } from './start-apps.ts';
import { type ConnectorProcess, startConnector } from './start-connector.ts';
import { startPlatforms, subscribeToEvents } from './start-platforms.ts';
import { type Closers, createTools, REGION, startInstances, startServices, type Tools } from './start-services.ts';

/**
 * The embedded cloud: every service on loopback, the built functions in it, set up by the same code as the real one.
 * What has been started is closed again if anything fails.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const closers: Closers = [];
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

const FUNCTION_NAMES = ['ingest', 'dispatch', 'notify'] as const;

async function start(options: CloudOptions, closers: Closers): Promise<Omit<Cloud, 'close'>> {
  const { root, directory } = options;
  const { state, local, real, release, workflows, variables } = await readConfiguration(options);
  const pace = { speed: options.speed ?? 1, origin: options.clockOrigin ?? Date.now() };
  const activity = createActivity();
  const tools = createTools(pace, activity, state);
  const instances = await startInstances({ ...options, ...tools, pace, instanceIds: local.instanceIds }, closers);
  const services = await startServices({ ...options, ...tools, state, instances, pace }, closers);
  const { eventWays = ['callback'], startApps = false } = options;
  const platformOptions = { directory, workflows, local, state, eventWays, real, startApps };
  const platforms = await startPlatforms(platformOptions, tools, closers);
  const { functions, cloudAssistant, eventBridge } = services;
  const urls = await openPorts({ ...services, ...platforms }, { port: options.port, log: tools.log }, closers);

  // The official clients take half a second to load: commands that start no cloud do not pay for them.
  const { setUp } = await import('../../setup/set-up.ts');
  const target = targetOf(state, urls, tools);
  const embedded = embeddedVariables(urls, pace, real);
  const lark = larkSetupOf(state, local, real, urls.lark);
  const instanceIds = local.instanceIds;
  const wanted = { ...release, workflows, instances: instanceIds, lark, secrets: NO_SECRETS, alarms: EMBEDDED_ALARMS };
  const { changes, commandIds } = await setUp(target, wanted);
  // Their timers begin at once, and without their roles they may do nothing.
  await deployFunctions(functions, await readFunctions(root, variables), {
    embedded,
    pace,
    names: targetNames(target),
    options,
  });
  const names = targetNames(target);
  const ingestUrl = functions.httpTriggerUrl(names.function('ingest'));
  await subscribeToEvents(platforms, platformOptions, ingestUrl, urls, tools);
  await takeFirstLook(functions, names.function('ingest'), pace.origin);
  const startOwnConnector = connectorStarter(
    { root, state, platforms: local.platforms, real, variables, embedded },
    tools,
    closers,
  );
  await connectReal(real, { workflows, activity, tools, startConnector: startOwnConnector });
  return {
    region: REGION,
    state,
    names,
    workflows,
    endpoints: {
      event_bridge: new URL(urls.eventBridge).host,
      ecs: new URL(urls.ecs).host,
      oss: urls.oss,
      fc: urls.fc,
      dingtalk: urls.dingtalk,
      lark: urls.lark,
      ram: urls.ram,
      sls: urls.sls,
      kms: urls.kms,
    },
    variables,
    environment: embedded,
    pace,
    ingestUrl,
    httpSources: eventBridge.webhookUrls(names.bus, new URL(urls.eventBridge).host),
    commandIds,
    changes,
    activity,
    faults: tools.faults,
    functions,
    platforms: local.platforms,
    ...platforms,
    instances,
    realPlatforms: real.names,
    startConnector: startOwnConnector,
    setAgentOnline: cloudAssistant.setAgentOnline,
  };
}

/** What the repository says, and this cloud's own values for what it leaves open, but for the real platforms'. */
async function readConfiguration({ root, directory, real: wanted, startApps }: CloudOptions) {
  const release = await readRelease(root, ENVIRONMENT);
  const real = wanted ? readRealPlatforms(release.workflows, wanted.platforms, wanted.environment) : ALL_EMBEDDED;
  const state = await openCloudState(directory);
  const local = settlePlaceholders(release.workflows, {
    instanceIds: state.instance_ids,
    robotCode: state.dingtalk.app_key,
    secretFor: (name) => secretOf(state, name),
  });
  const ofStartApps = startAppVariables(state);
  await saveCloudState(directory, state);
  const deployed = deployVariables(state, local.platforms, real);
  const variables = { ...local.variables, ...deployed, ...(startApps && ofStartApps) };
  const workflows = loadWorkflows(release.file, { variables, used: ['on', 'run', 'chats'] });
  return { state, local, real, release, workflows, variables };
}

function connectorStarter(
  { root, state, platforms, real, ...process }: ConnectorSetting,
  { log, faults }: Tools,
  closers: Closers,
): () => ConnectorProcess {
  const names = real.names.length > 0 ? real.names : platforms;
  const variables = {
    ...variablesOf(names, { ...process.variables, ...process.embedded }),
    ...connectorVariables(state),
  };
  return () => {
    const connector = startConnector({ root, variables, log, callers: faults.callers });
    closers.push(connector.stop);
    return connector;
  };
}

interface ConnectorSetting {
  root: string;
  state: CloudState;
  platforms: readonly PlatformName[];
  real: RealPlatforms;
  variables: Record<string, string>;
  embedded: Record<string, string>;
}

interface Service {
  handle: HttpHandler;
  upgrade?: OnUpgrade;
}

type Served = Record<
  'eventBridge' | 'cloudAssistant' | 'objectStorage' | 'functions' | 'dingtalk' | 'lark' | 'ram' | 'logService' | 'kms',
  Service
>;

/** Nine ports in a row from `port` on, or nine free ones for 0. */
async function openPorts(services: Served, { port, log }: { port: number; log: Log }, closers: Closers) {
  const onError = (error: unknown) => log.error('an embedded service failed', { error: errorMessage(error) });
  const listen = async ({ handle, upgrade }: Service, offset: number) => {
    const onUpgrade = upgrade && { onUpgrade: upgrade };
    const server = await serve(handle, { port: port === 0 ? 0 : port + offset, onError, ...onUpgrade });
    closers.push(() => server.close());
    return server.origin;
  };
  return {
    eventBridge: await listen(services.eventBridge, 0),
    ecs: await listen(services.cloudAssistant, 1),
    oss: await listen(services.objectStorage, 2),
    fc: await listen(services.functions, 3),
    dingtalk: await listen(services.dingtalk, 4),
    lark: await listen(services.lark, 5),
    ram: await listen(services.ram, 6),
    sls: await listen(services.logService, 7),
    kms: await listen(services.kms, 8),
  };
}

function targetOf(state: CloudState, endpoints: SetupTarget['endpoints'], tools: Tools): SetupTarget {
  return {
    environmentName: ENVIRONMENT,
    region: REGION,
    accountId: state.account_id,
    credentials: keysOf(state),
    endpoints,
    clock: tools.signatureClock,
    log: tools.log,
    // Nobody else makes anything here, and a folder may be of a version that marked less.
    adopt: true,
  };
}

/** The app's subscriptions are made by setup here too; what is clicked in its console `subscribeToEvents` does. */
function larkSetupOf(
  { lark: app }: CloudState,
  local: LocalValues,
  real: RealPlatforms,
  endpoint: string,
): LarkSetup | undefined {
  if (!local.platforms.includes('lark') || real.names.includes('lark')) return undefined;
  const approvalCodes = [...new Set(Object.values(local.lark.approvalCodes))];
  return { app: { appId: app.app_id, appSecret: app.app_secret, endpoint }, approvalCodes };
}

interface Deployment {
  embedded: Record<string, string>;
  pace: ClockPace;
  names: Names;
  options: CloudOptions;
}

async function deployFunctions(
  functions: FunctionCompute,
  definitions: readonly FunctionDefinition[],
  { embedded, pace, names, options }: Deployment,
): Promise<void> {
  const { clockSkews = {}, functionTimeout } = options;
  const skews = new Map(FUNCTION_NAMES.map((name) => [names.function(name), clockSkews[name] ?? 0]));
  for (const definition of definitions) {
    const origin = skewedOrigin(pace, skews.get(definition.functionName) ?? 0);
    const environmentVariables = { ...definition.environmentVariables, ...embedded, CLOCK_ORIGIN: String(origin) };
    const timeout = functionTimeout === undefined ? {} : { timeout: functionTimeout };
    await functions.putFunction({ ...definition, ...timeout, environmentVariables, warm: true });
  }
}

/** The first timer, as a deployment would send it: what is decided from now on and never told is found. */
async function takeFirstLook(functions: FunctionCompute, ingest: string, now: number): Promise<void> {
  const timer = { triggerTime: new Date(now).toISOString(), triggerName: 'sweep', payload: 'sweep' };
  await functions.invoke(ingest, Buffer.from(JSON.stringify(timer)), { type: 'Async' });
}
