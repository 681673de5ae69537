import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import EcsClient from '@alicloud/pop-core';
import { z } from 'zod';
import { openLarkDesk } from '../../cli/approval/lark-approval.ts';
import type { NumberedEntry } from '../../local/cloud/activity.ts';
import type { Cloud, CloudOptions } from '../../local/cloud/cloud.ts';
import { type GroupMessage, groupMessages } from '../../local/cloud/group-messages.ts';
import { startAppsOf } from '../../local/cloud/start-apps.ts';
import { startCloud } from '../../local/cloud/start-cloud.ts';
import type { ChatMessage } from '../../local/dingtalk/chat-message.ts';
import { type AliOss, createAliOss } from '../local/object-storage/create-ali-oss.ts';

export const ROOT = resolve(__dirname, '../..');

/** Values by form component. */
export type Form = Readonly<Record<string, string>>;
export const form = (employee: string, role = 'devops'): Form => ({
  'TextField-EMPID': employee,
  'DDSelectField-ROLE': role,
});

/** An approval as its people see it. */
export interface Approval {
  instanceId: string;
  requestId: string;
  /** Somebody presses "agree" or "refuse"; by default 李四 agrees. */
  decide(person?: string, result?: 'agree' | 'refuse'): Promise<void>;
}

/** What there is to be found of a request, read through the services' own APIs and never from our log. */
export interface Traces {
  /** Facts in their order; the hashes of the chain have been checked. */
  facts: string[];
  refusal: string | undefined;
  /** Runs that Cloud Assistant knows for it. */
  runs: { status: string; exitCode: number | undefined; parameters: string }[];
  /** Messages of DingTalk that name it. */
  messages: ChatMessage[];
  /** Messages of either platform that name it, as people read them. */
  shown: GroupMessage[];
  /** Its objects in the work bucket: open marker and leases. */
  left: string[];
}

export const COMPLETED = ['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed'];
export const REFUSED = ['refused', 'announced', 'closed'];

/** The embedded cloud, its people, and the official clients to look into it. */
export interface Loop {
  cloud: Cloud;
  ecs: EcsClient;
  /** The work bucket, as its administrator sees it. */
  work: AliOss;
  directory: string;
  submit(values: Form, requester?: string): Promise<Approval>;
  /** The same in Lark. Values by custom id. */
  submitInLark(values: Form): Promise<Approval>;
  /** The open tasks of an instance that nobody submitted through `submit`. */
  find(instanceId: string): Promise<Approval>;
  /** Submitted by 张三, agreed to by 李四. */
  approve(values: Form): Promise<Approval>;
  /** Waits until the request is closed and gives what is to be found of it. */
  closed(approval: Pick<Approval, 'requestId'>): Promise<Traces>;
  traces(requestId: string): Promise<Traces>;
  /** The first log entry of this message and these fields, come or to come. */
  logged(message: string, fields: Record<string, unknown>): Promise<NumberedEntry>;
  /** A file of the instance as text. */
  file(path: string): Promise<string | undefined>;
  /** Runs a script on the instance as its administrator would. */
  onInstance(script: string): Promise<void>;
  close(): Promise<void>;
}

/** Time runs sixty times as fast (a minute of the sweep is one second), on the instance as it is. */
const PACE = { speed: 60, instanceSpeed: 1 };

export type LoopOptions = Partial<Omit<CloudOptions, 'port'>>;

/** A loop in a folder of its own, or in the one given. Needs root and a build. */
export async function startLoop(options: LoopOptions = {}): Promise<Loop> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'loop-')));
  const cloud = await startCloud({ root: ROOT, port: 0, ...PACE, ...options, directory });
  const [instance] = cloud.instances;
  if (!instance) throw new Error('the embedded cloud has no instance');
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret } = cloud.state;
  const keys = { accessKeyId, accessKeySecret };
  const ecs = new EcsClient({ ...keys, endpoint: `http://${cloud.endpoints.ecs}`, apiVersion: '2014-05-26' });
  const bucket = (name: string) =>
    createAliOss({
      ...keys,
      endpoint: cloud.endpoints.oss,
      region: 'oss-cn-hangzhou',
      authorizationV4: true,
      bucket: name,
    });
  const buckets = { records: bucket(cloud.names.recordsBucket), work: bucket(cloud.names.workBucket) };
  const desk = await openDesk(cloud, options);
  const traces = (requestId: string) => readTraces(cloud, ecs, buckets, requestId);
  const logged: Loop['logged'] = (message, fields) => waitForEntry(cloud, message, fields);
  return {
    cloud,
    ecs,
    work: buckets.work,
    directory,
    traces,
    logged,
    ...desk,
    async approve(values) {
      const approval = await desk.submit(values);
      await approval.decide();
      return approval;
    },
    async closed({ requestId }) {
      await logged('closed', { request_id: requestId });
      return traces(requestId);
    },
    file: async (path) => (await instance.readFile(path))?.toString(),
    async onInstance(script) {
      const signal = new AbortController().signal;
      const task = { scriptName: 'prepare.sh', timeoutMs: 60_000, terminationMode: 'ProcessTree', signal } as const;
      const result = await instance.run({ ...task, script: Buffer.from(`set -e\n${script}\n`), onOutput: () => {} });
      if (result.end !== 'exited' || result.exitCode !== 0)
        throw new Error(`on the instance: ${JSON.stringify(result)}`);
    },
    async close() {
      await cloud.close();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

const tokenSchema = z.object({ accessToken: z.string() });
const createdSchema = z.object({ instanceId: z.string() });
const tasksSchema = z.object({
  result: z.object({ tasks: z.array(z.object({ taskId: z.number(), userId: z.string() })) }),
});

/** People's side of DingTalk. All that is read is read when an approval is submitted, before a test asks for faults. */
async function openDesk(
  { endpoints, state, workflows }: Cloud,
  { startApps = false }: LoopOptions,
): Promise<Pick<Loop, 'submit' | 'find' | 'submitInLark'>> {
  // A token lives two hours, which a fast cloud has behind it soon.
  const openLark = () => openLarkDesk({ url: endpoints.lark, ...state.lark });
  const call = async (path: string, token: string, body?: object): Promise<unknown> => {
    const answer = await fetch(endpoints.dingtalk + path, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', 'x-acs-dingtalk-access-token': token },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`DingTalk: ${await answer.text()}`);
    return answer.json();
  };
  const { app_key: appKey, app_secret: appSecret } = state.dingtalk;
  const { permissions: _, ...starter } = startAppsOf(state).dingtalk;
  const app = startApps ? starter : { appKey, appSecret };
  const { accessToken } = tokenSchema.parse(await call('/v1.0/oauth2/accessToken', '', app));
  const path = '/v1.0/workflow/processInstances';
  const find = async (instanceId: string): Promise<Approval> => {
    const { tasks } = tasksSchema.parse(await call(`${path}?processInstanceId=${instanceId}`, accessToken)).result;
    return {
      instanceId,
      requestId: `dingtalk.${instanceId}`,
      async decide(person = 'lisi', result = 'agree') {
        const taskId = tasks.find(({ userId }) => userId === person)?.taskId;
        const decision = { processInstanceId: instanceId, actionerUserId: person, taskId, result };
        await call(`${path}/execute`, accessToken, decision);
      },
    };
  };
  return {
    find,
    async submitInLark(values) {
      const approvalCode = workflows.workflows['onboarding']?.on.lark?.approval_code ?? '';
      const instanceId = await (await openLark()).submit({ approvalCode, requester: 'zhangsan', values });
      return {
        instanceId,
        requestId: `lark.${instanceId}`,
        decide: async (person = 'lisi', result = 'agree') => (await openLark()).decide(instanceId, person, result),
      };
    },
    async submit(values, requester = 'zhangsan') {
      const formComponentValues = Object.entries(values).map(([id, value]) => ({ id, value }));
      const processCode = workflows.workflows['onboarding']?.on.dingtalk?.process_code;
      const body = { processCode, originatorUserId: requester, deptId: -1, formComponentValues };
      return find(createdSchema.parse(await call(path, accessToken, body)).instanceId);
    },
  };
}

/** The way of every request of the log, for the message of a wait in vain. */
const WAIT_MS = 60_000;

function waitForEntry(cloud: Cloud, message: string, fields: Record<string, unknown>): Promise<NumberedEntry> {
  const seen: string[] = [];
  return new Promise((done, fail) => {
    let stop = () => {};
    const limit = setTimeout(() => {
      stop();
      fail(new Error(`no "${message}" of ${JSON.stringify(fields)} in a minute, only\n${seen.join('\n')}`));
    }, WAIT_MS);
    const matches = (entry: NumberedEntry) =>
      entry.message === message && Object.entries(fields).every(([name, value]) => entry.fields[name] === value);
    stop = cloud.activity.watch((entry) => {
      if (entry.level !== 'debug') seen.push(`${entry.time} ${entry.message} ${JSON.stringify(entry.fields)}`);
      if (!matches(entry)) return;
      clearTimeout(limit);
      setImmediate(() => stop());
      done(entry);
    }, 0);
  });
}

const recordSchema = z.object({
  request_id: z.string(),
  seq: z.number(),
  previous: z.string().nullable(),
  fact: z.looseObject({ type: z.string(), refusal: z.object({ code: z.string() }).optional() }),
});

const runSchema = z.object({ InvocationStatus: z.string(), ExitCode: z.number().optional() });
const invocationsSchema = z.object({
  Invocations: z.object({
    Invocation: z.array(
      z.object({
        Parameters: z.string(),
        InvokeInstances: z.object({ InvokeInstance: z.tuple([runSchema]) }),
      }),
    ),
  }),
});

async function readTraces(
  cloud: Cloud,
  ecs: EcsClient,
  { records, work }: { records: AliOss; work: AliOss },
  requestId: string,
): Promise<Traces> {
  const chain = await readChain(records, requestId);
  const filter = { RegionId: cloud.region, 'Tag.1.Key': 'approval-loop-request', 'Tag.1.Value': requestId };
  const { Invocations } = invocationsSchema.parse(await ecs.request('DescribeInvocations', filter));
  return {
    facts: chain.map(({ fact }) => fact.type),
    refusal: chain.find(({ fact }) => fact.refusal)?.fact.refusal?.code,
    runs: Invocations.Invocation.map(({ InvokeInstances: { InvokeInstance }, Parameters }) => {
      const [{ InvocationStatus: status, ExitCode: exitCode }] = InvokeInstance;
      return { status, exitCode, parameters: Parameters };
    }),
    messages: cloud.dingtalk.messages().filter(({ text }) => text.includes(requestId)),
    shown: groupMessages(cloud).filter(({ text }) => text.includes(`：${requestId}，`)),
    left: [...(await listKeys(work, `open/${requestId}`)), ...(await listKeys(work, `leases/${requestId}/`))],
  };
}

/** The records of a request, each checked to carry the hash of the bytes before it. */
async function readChain(records: AliOss, requestId: string) {
  const keys = [
    ...(await listKeys(records, `accepted/${requestId}.json`)),
    ...(await listKeys(records, `records/${requestId}/`)),
  ];
  let previous: string | null = null;
  const chain: z.infer<typeof recordSchema>[] = [];
  for (const key of keys) {
    const { content } = await records.get(key);
    const record = recordSchema.parse(JSON.parse(content.toString()));
    if (record.previous !== previous || record.seq !== chain.length + 1 || record.request_id !== requestId)
      throw new Error(`the chain is broken at ${key}`);
    previous = createHash('sha256').update(content).digest('hex');
    chain.push(record);
  }
  return chain;
}

async function listKeys(bucket: AliOss, prefix: string): Promise<string[]> {
  const { objects = [] } = await bucket.listV2({ prefix, 'max-keys': '1000' });
  return objects.map(({ name }) => name);
}
