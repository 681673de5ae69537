import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApprovalDesk, openApprovalDesk } from '../../cli/approval/dingtalk-approval.ts';
import { type Activity, createActivity } from '../../local/cloud/activity.ts';
import { type CloudState, keysOf, openCloudState, secretOf } from '../../local/cloud/cloud-state.ts';
import { deployVariables, embeddedVariables } from '../../local/cloud/function-variables.ts';
import { settlePlaceholders } from '../../local/cloud/placeholders.ts';
import { ALL_EMBEDDED } from '../../local/cloud/real-platforms.ts';
import { type Platforms, startPlatforms, subscribeToEvents } from '../../local/cloud/start-platforms.ts';
import {
  type Closers,
  createTools,
  startInstances,
  startServices,
  type Tools,
} from '../../local/cloud/start-services.ts';
import type { FunctionCompute } from '../../local/function-compute/create-function-compute.ts';
import { type HttpHandler, serve } from '../../local/http/server.ts';
import type { Instance } from '../../local/instance/instance.ts';
import type { Ram } from '../../local/ram/create-ram.ts';
import { readRelease } from '../../setup/read-release.ts';
import type { LogEntry } from '../../shared/log.ts';
import { namesOf } from '../../shared/names.ts';
import { ENVIRONMENT_TAG } from '../../shared/request/tags.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { Ended } from '../cli/command-line.ts';
import { copyRepository } from '../cli/copy-repository.ts';
import { rootWithEnv } from '../cli/root-with-env.ts';
import { type Clients, clientsOf } from '../cli/setup/clients.ts';
import { runIn } from '../cli/setup/start-accounts.ts';
import { makeOfflineS } from './offline-s.ts';

/** One environment: a chat platform's company and an instance of its own; the cloud's account it shares. */
export interface Stage {
  names: ReturnType<typeof namesOf>;
  platforms: Platforms;
  instance: Instance;
  instanceId: string;
  /** What the shell has that deploys this environment. */
  shell: Record<string, string>;
  /** A command line in that shell. */
  loop(...args: string[]): Promise<Ended>;
  /** What an administrator does in the platform's console once there is a callback address. */
  subscribe(): Promise<void>;
  /** Submitted by 张三, agreed to by 李四; gives the request's id. */
  approve(employee: string): Promise<string>;
}

/** One account with nothing in it but instances. */
export interface Account {
  stages: Record<StageName, Stage>;
  functions: FunctionCompute;
  ram: Ram;
  clients: Clients;
  /** What has been logged of rules that matched an event. */
  matches: readonly LogEntry[];
  /** Resolves when the request has had its final message. */
  closed(requestId: string): Promise<void>;
  close(): Promise<void>;
}

export const STAGES = ['dev', 'staging', 'prod'] as const;
export type StageName = (typeof STAGES)[number];

/** What differs in prod: another title and limit, and one workflow alone. */
const PROD_WORKFLOWS = `
workflows:
  onboarding: { title: 生产环境入职 🎉, run: { timeout: 240 } }
  resource-request: null
`;

/** Nine functions sweep: every three seconds is enough. Time on the instances runs as it is. */
const SPEED = 20;

export async function startAccount(): Promise<Account> {
  const closers: Closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await start(closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(closers: Closers): Promise<Omit<Account, 'close'>> {
  const copy = await copyRepository({ 'workflows.prod.yaml': PROD_WORKFLOWS });
  closers.push(copy.remove);
  const { root } = copy;
  const directory = await mkdtemp(join(tmpdir(), 'account-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const pace = { speed: SPEED, origin: Date.now() };
  const activity = createActivity();
  const matches: LogEntry[] = [];
  activity.watch((entry) => void (entry.message === 'rule matched' && matches.push(entry)));
  const state = await openCloudState(directory);
  const tools = createTools(pace, activity, state);
  const options = { ...tools, root, directory, port: 0, speed: SPEED, instanceSpeed: 1, state, pace };
  const instances = await startInstances({ ...options, instanceIds: STAGES.map(instanceIdOf) }, closers);
  const services = await startServices({ ...options, instances }, closers);
  const { ram } = services;
  const urls = {
    eventBridge: await listen(services.eventBridge, closers),
    ecs: await listen(services.cloudAssistant, closers),
    oss: await listen(services.objectStorage, closers),
    fc: await listen(services.functions, closers),
    ram: await listen(ram, closers),
    sls: await listen(services.logService, closers),
    kms: await listen(services.kms, closers),
  };
  const tool = await makeOfflineS();
  closers.push(() => tool.remove());
  const { accessKeyId, accessKeySecret } = keysOf(state);
  const shell = {
    PATH: process.env['PATH'] ?? '',
    SERVERLESS_DEVS: tool.path,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ALIYUN_ACCOUNT_ID: state.account_id,
    EVENT_BRIDGE_ENDPOINT: urls.eventBridge,
    ECS_ENDPOINT: urls.ecs,
    OSS_ENDPOINT: urls.oss,
    RAM_ENDPOINT: urls.ram,
    FC_ENDPOINT: urls.fc,
    SLS_ENDPOINT: urls.sls,
    KMS_ENDPOINT: urls.kms,
  };
  const clients = clientsOf(shell);
  await Promise.all(STAGES.map((stage) => tagInstance(clients, stage)));
  const common: Common = {
    clients,
    directory,
    root,
    shell,
    urls,
    pace,
    tools,
    closers,
    functions: services.functions,
  };
  const [dev, staging, prod] = [
    await openStage('dev', common),
    await openStage('staging', common),
    await openStage('prod', common),
  ];
  const instanceOf = (stage: StageName) => {
    const instance = instances[STAGES.indexOf(stage)];
    if (!instance) throw new Error(`no instance for ${stage}`);
    return instance;
  };
  return {
    stages: {
      dev: { ...dev, instance: instanceOf('dev') },
      staging: { ...staging, instance: instanceOf('staging') },
      prod: { ...prod, instance: instanceOf('prod') },
    },
    functions: services.functions,
    ram,
    clients,
    matches,
    closed: (requestId) => closed(activity, requestId),
  };
}

/** What an administrator does: dispatch may run commands on instances with the tag of its environment alone. */
async function tagInstance({ ecs }: Clients, stage: StageName): Promise<void> {
  const instance = { RegionId: 'cn-hangzhou', ResourceType: 'instance', 'ResourceId.1': instanceIdOf(stage) };
  await ecs.request('TagResources', { ...instance, 'Tag.1.Key': ENVIRONMENT_TAG, 'Tag.1.Value': stage });
}

function instanceIdOf(stage: StageName): string {
  return `i-${stage}0000000000000001`;
}

async function listen({ handle }: { handle: HttpHandler }, closers: Closers): Promise<string> {
  const server = await serve(handle);
  closers.push(() => server.close());
  return server.origin;
}

interface Common {
  clients: Clients;
  root: string;
  directory: string;
  shell: Record<string, string>;
  urls: { eventBridge: string; ecs: string; oss: string; fc: string; kms: string };
  pace: { speed: number; origin: number };
  tools: Tools;
  closers: Closers;
  functions: FunctionCompute;
}

async function openStage(name: StageName, common: Common): Promise<Omit<Stage, 'instance'>> {
  const { tools, closers, urls, pace } = common;
  const release = await readRelease(common.root, name);
  const instanceId = instanceIdOf(name);
  const directory = join(common.directory, name);
  const state = await openCloudState(directory);
  const local = settlePlaceholders(release.workflows, {
    instanceIds: [instanceId],
    robotCode: state.dingtalk.app_key,
    secretFor: (secret) => secretOf(state, secret),
  });
  const workflows = loadWorkflows(release.file, { variables: local.variables, used: ['on', 'run', 'chats'] });
  const ways = { eventWays: ['callback'] as const, real: ALL_EMBEDDED };
  const platformOptions = { directory, workflows, local, state, ...ways };
  const platforms = await startPlatforms(platformOptions, tools, closers);
  const chats = { dingtalk: await listen(platforms.dingtalk, closers), lark: await listen(platforms.lark, closers) };
  const { LOOP_ENVIRONMENT: _, ...variables } = deployVariables(state, local.platforms, ALL_EMBEDDED);
  const embedded = { [name]: embeddedVariables({ ...urls, ...chats }, pace, ALL_EMBEDDED) };
  const own = { EMBEDDED_VARIABLES: JSON.stringify(embedded), LARK_ENDPOINT: chats.lark };
  const all = { ...common.shell, ...local.variables, ...variables, ...own };
  const { shell, root } = name === 'prod' ? await keepInKms(all, common) : { shell: all, root: common.root };
  const names = namesOf(name, state.account_id);
  const processCode = local.dingtalk.processCodes['onboarding'] ?? '';
  return {
    names,
    platforms,
    instanceId,
    shell,
    loop: (...args) => runIn(shell, args, root),
    subscribe: () => {
      const url = common.functions.httpTriggerUrl(names.function('ingest'));
      return subscribeToEvents(platforms, platformOptions, url, chats, tools);
    },
    approve: async (employee) => approve(await openDesk(chats.dingtalk, state), processCode, employee),
  };
}

/** What somebody does whose shell shall have no secret: each goes into KMS, and env.yaml says so. */
async function keepInKms(shell: Record<string, string>, { clients, closers, root: like }: Common) {
  const isSecret = (variable: string) => SECRETS.has(variable) && shell[variable] !== undefined;
  const kms = Object.keys(shell).filter(isSecret);
  for (const variable of kms)
    await clients.kms.request('CreateSecret', {
      SecretName: `approval-loop-prod/${variable}`,
      SecretData: shell[variable],
      VersionId: 'v1',
    });
  const { root, remove } = await rootWithEnv('prod', { secrets: { kms } }, like);
  closers.push(remove);
  return { root, shell: Object.fromEntries(Object.entries(shell).filter(([variable]) => !isSecret(variable))) };
}

const SECRETS: ReadonlySet<string> = new Set([
  'DINGTALK_APP_SECRET',
  'DINGTALK_CALLBACK_TOKEN',
  'DINGTALK_CALLBACK_AES_KEY',
  'DINGTALK_CARD_SECRET',
  'DINGTALK_ROBOT_ACCESS_TOKEN',
  'DINGTALK_ROBOT_SECRET',
  'LARK_APP_SECRET',
  'LARK_VERIFICATION_TOKEN',
  'LARK_ENCRYPT_KEY',
]);

function openDesk(url: string, { dingtalk }: CloudState): Promise<ApprovalDesk> {
  return openApprovalDesk({ url, app_key: dingtalk.app_key, app_secret: dingtalk.app_secret });
}

async function approve(desk: ApprovalDesk, processCode: string, employee: string): Promise<string> {
  const values = { 'TextField-EMPID': employee, 'DDSelectField-ROLE': 'devops' };
  const instanceId = await desk.submit({ processCode, requester: 'zhangsan', values });
  await desk.decide(instanceId, 'lisi', 'agree');
  return `dingtalk.${instanceId}`;
}

/** The test's own time limit ends a wait in vain. */
function closed(activity: Activity, requestId: string): Promise<void> {
  return new Promise((done) => {
    const stop = activity.watch((entry) => {
      if (entry.message !== 'closed' || entry.fields['request_id'] !== requestId) return;
      setImmediate(() => stop());
      done();
    }, 0);
  });
}
