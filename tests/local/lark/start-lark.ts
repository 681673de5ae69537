import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, LoggerLevel } from '@larksuiteoapi/node-sdk';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { serve } from '../../../local/http/server.ts';
import { createLark, type Lark, type LarkOptions } from '../../../local/lark/lark.ts';
import type { LarkOrganisation } from '../../../local/lark/organisation.ts';
import type { Clock } from '../../../shared/clock.ts';
import { callHttp } from '../../../shared/http/call.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const APPROVAL_CODE = '7C468A54-8745-2245-9675-08B7C63E7A85';
export const CHAT_ID = 'oc_a0553eda9014c201e6969b478895c230';
export const START = Date.parse('2026-01-02T03:04:05.678Z');

const DEFINITION: LarkOrganisation['definitions'][number] = {
  approval_code: APPROVAL_CODE,
  name: '入职',
  widgets: [
    { id: 'widget1', custom_id: 'emp_id', name: '工号', type: 'input', required: true },
    { id: 'widget2', name: '备注', type: 'textarea' },
  ],
  nodes: [{ node_id: 'node1', custom_node_id: 'manager', name: '经理', user_ids: ['u2'] }],
};

/** A small company: 张三 asks, 李四 approves. */
export const ORGANISATION: LarkOrganisation = {
  tenant_key: '736588c9260f175e',
  app: { app_id: 'cli_9f427eec54ae901b', app_secret: 'app-secret' },
  departments: [{ department_id: 'd7', open_department_id: 'od-7', name: '运维部' }],
  users: [
    { user_id: 'u1', name: '张三', open_id: 'ou_1', department_ids: ['d7'], email: 'zhangsan@example.com' },
    { user_id: 'u2', name: '李四', open_id: 'ou_2' },
    { user_id: 'u3', name: 'Ana 🙂', open_id: 'ou_3', job_title: 'Boss', leader_user_id: 'u2' },
  ],
  definitions: [DEFINITION],
  chats: [{ chat_id: CHAT_ID, name: 'it-ops' }],
  customBots: [{ chat_id: CHAT_ID, token: 'hook-token', secret: 'hook-secret' }],
};

/** The same company, its definition changed. */
export function organisationWith(fields: Partial<typeof DEFINITION>): LarkOrganisation {
  return { ...ORGANISATION, definitions: [{ ...DEFINITION, ...fields }] };
}

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface Running {
  lark: Lark;
  /** The official SDK; it fetches a token for every call. */
  client: Client;
  faults: Faults;
  logs: LogEntry[];
  origin: string;
  directory: string;
  /** Moves the default clock on. It stands still, and jumps to the end of every sleep. */
  advance(ms: number): void;
  /** A call behind `/open-apis/` with a JSON body. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The same with the tenant's token. */
  api(method: string, path: string, body?: unknown): Promise<Answer>;
  token(): Promise<string>;
  /** Starts an instance of 张三 by the API and returns its code. */
  createInstance(fields?: Json): Promise<string>;
  /** `data` of the instance detail. */
  detail(instanceId: string): Promise<Json>;
  close(): Promise<void>;
}

export async function startLark(options: Partial<LarkOptions> = {}): Promise<Running> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'lark-'));
  const faults = createFaults();
  const logs: LogEntry[] = [];
  let now = START;
  const jumping: Clock = {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
  const clock = options.clock ?? jumping;
  const lark = await createLark({
    clock,
    wire: clock,
    random: () => 0,
    log: createLog({ clock, write: (entry) => logs.push(entry) }),
    faults,
    newId: randomUUID,
    randomBytes,
    callHttp,
    organisation: ORGANISATION,
    ...options,
    directory,
  }).catch((error) => {
    if (!options.directory) rmSync(directory, { recursive: true });
    throw error;
  });
  const server = await serve(lark.handle);
  const running: Running = {
    lark,
    client: createClient(server.origin),
    faults,
    logs,
    origin: server.origin,
    directory,
    advance(ms) {
      now += ms;
    },
    async call(method, path, body, headers = {}) {
      const answer = await fetch(`${server.origin}/open-apis/${path}`, {
        method,
        headers: { ...(body ? { 'content-type': 'application/json; charset=utf-8' } : {}), ...headers },
        ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
      });
      return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
    },
    async api(method, path, body) {
      return running.call(method, path, body, { authorization: `Bearer ${await running.token()}` });
    },
    async token() {
      const body = { app_id: 'cli_9f427eec54ae901b', app_secret: 'app-secret' };
      const answer = await running.call('POST', 'auth/v3/tenant_access_token/internal', body);
      return String(answer.body.tenant_access_token);
    },
    async createInstance(fields = {}) {
      const { body } = await running.api('POST', 'approval/v4/instances', instanceBody(fields));
      return String(dataOf(body).instance_code);
    },
    async detail(instanceId) {
      return dataOf((await running.api('GET', `approval/v4/instances/${instanceId}`)).body);
    },
    async close() {
      await server.close();
      await lark.close();
      if (!options.directory) rmSync(directory, { recursive: true });
    },
  };
  return running;
}

/** The SDK's own logger writes to the console. */
export const QUIET = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };

export function createClient(domain: string, appSecret = 'app-secret'): Client {
  return new Client({
    appId: 'cli_9f427eec54ae901b',
    appSecret,
    domain,
    cache: { get: async () => undefined, set: async () => true },
    loggerLevel: LoggerLevel.error,
    logger: QUIET,
  });
}

export function instanceBody(fields: Json = {}): Json {
  return {
    approval_code: APPROVAL_CODE,
    user_id: 'u1',
    form: JSON.stringify([{ id: 'widget1', type: 'input', value: 'E123' }]),
    ...fields,
  };
}

export function dataOf(body: Json): Json {
  return (body.data ?? {}) as Json;
}
