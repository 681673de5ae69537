import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDingtalk, type Dingtalk, type DingtalkOptions } from '../../../local/dingtalk/dingtalk.ts';
import type { DingtalkOrganisation } from '../../../local/dingtalk/organisation.ts';
import { createFaults, type Faults } from '../../../local/faults.ts';
import { serve } from '../../../local/http/server.ts';
import type { Clock } from '../../../shared/clock.ts';
import { callHttp } from '../../../shared/http/call.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const PROCESS_CODE = 'PROC-ONBOARDING';

/** A small company: 张三 asks, 李四 approves; the second template has every kind of component. */
export const ORGANISATION: DingtalkOrganisation = {
  corpId: 'dingcorp',
  app: { appKey: 'dingapp', appSecret: 'app-secret' },
  departments: [{ id: 7, name: '运维部' }],
  users: [
    { userid: 'u1', name: '张三', dept_id_list: [1, 7] },
    { userid: 'u2', name: '李四' },
    { userid: 'u3', name: 'Ana 🙂', title: 'Boss', job_number: '3' },
  ],
  templates: [
    {
      processCode: PROCESS_CODE,
      name: '入职',
      components: [
        { id: 'TextField-A', name: '工号', componentType: 'TextField', bizAlias: 'emp_id', required: true },
        { id: 'TextareaField-B', name: '备注', componentType: 'TextareaField' },
      ],
      approvers: ['u2'],
    },
  ],
  robots: [{ chat: 'it-ops', accessToken: 'robot-token', secret: 'SEC-robot' }],
  groups: [
    { openConversationId: 'cidOPS==', name: '运维群 🛠', robot: true },
    { openConversationId: 'cidDEV==', name: '开发群', robot: true },
    { openConversationId: 'cidALONE==', name: '没有机器人' },
    { openConversationId: 'cidGONE==', name: '解散的群', robot: true, disbanded: true },
    { openConversationId: 'cidSTOPPED==', name: '停用的群', robot: true, robotStopped: true },
    { openConversationId: 'cidMUTED==', name: '禁言的群', robot: true, muted: true },
    { openConversationId: 'cidOTHER==', name: '别的企业', robot: true, otherOrganisation: true },
  ],
  cardTemplates: ['progress.schema'],
};

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export interface Running {
  dingtalk: Dingtalk;
  faults: Faults;
  logs: LogEntry[];
  origin: string;
  directory: string;
  /** Moves the default clock on. It stands still, and jumps to the end of every sleep. */
  advance(ms: number): void;
  /** A call with a JSON body. */
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
  /** The same on the new API, with the app's token. */
  newApi(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Answer>;
  token(): Promise<string>;
  /** Starts an instance of 张三 and returns its id. */
  createInstance(fields?: object): Promise<string>;
  detail(processInstanceId: string): Promise<Record<string, unknown>>;
  decide(
    processInstanceId: string,
    actionerUserId: string,
    result: 'agree' | 'refuse',
    remark?: string,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export const START = Date.parse('2026-01-02T03:04:05.678Z');

export async function startDingtalk(options: Partial<DingtalkOptions> = {}): Promise<Running> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'dingtalk-'));
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
  const dingtalk = await createDingtalk({
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
  const server = await serve(dingtalk.handle);
  const running: Running = {
    dingtalk,
    faults,
    logs,
    origin: server.origin,
    directory,
    advance(ms) {
      now += ms;
    },
    async call(method, path, body, headers = {}) {
      const answer = await callHttp({
        service: 'dingtalk',
        method,
        url: `${server.origin}${path}`,
        headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: answer.status, body: JSON.parse(answer.body.toString('utf8')) };
    },
    async newApi(method, path, body) {
      return running.call(method, path, body, { 'x-acs-dingtalk-access-token': await running.token() });
    },
    async token() {
      const { body } = await running.call('POST', '/v1.0/oauth2/accessToken', {
        appKey: 'dingapp',
        appSecret: 'app-secret',
      });
      return String(body.accessToken);
    },
    async createInstance(fields = {}) {
      const { body } = await running.newApi('POST', '/v1.0/workflow/processInstances', instanceBody(fields));
      return String(body.instanceId);
    },
    async detail(processInstanceId) {
      const path = `/v1.0/workflow/processInstances?processInstanceId=${processInstanceId}`;
      const { body } = await running.newApi('GET', path);
      return body.result as Record<string, unknown>;
    },
    async decide(processInstanceId, actionerUserId, result, remark) {
      const { tasks } = await running.detail(processInstanceId);
      const task = (tasks as { taskId: number; userId: string; status: string }[]).find(
        ({ userId, status }) => userId === actionerUserId && status === 'RUNNING',
      );
      const body = { processInstanceId, actionerUserId, result, remark, taskId: task?.taskId ?? 1 };
      return running.newApi('POST', '/v1.0/workflow/processInstances/execute', body);
    },
    async close() {
      await server.close();
      await dingtalk.close();
      if (!options.directory) rmSync(directory, { recursive: true });
    },
  };
  return running;
}

export function instanceBody(fields: object = {}): object {
  return {
    originatorUserId: 'u1',
    processCode: PROCESS_CODE,
    deptId: -1,
    formComponentValues: [{ name: '工号', value: 'E123' }],
    ...fields,
  };
}
