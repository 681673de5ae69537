import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createAnswer } from '../../../../functions/ingest/group/answer-question.ts';
import { createAsking } from '../../../../functions/ingest/group/asking.ts';
import { createTakeQuestion } from '../../../../functions/ingest/group/take-question.ts';
import type { CallHttp } from '../../../../shared/http/call.ts';
import { callHttp } from '../../../../shared/http/call.ts';
import type { PlatformName } from '../../../../shared/ids.ts';
import { createJournal } from '../../../../shared/journal/journal.ts';
import { createLeases } from '../../../../shared/journal/leases.ts';
import { createMarkers } from '../../../../shared/journal/markers.ts';
import type { ObjectStore } from '../../../../shared/journal/object-store.ts';
import { createUsage } from '../../../../shared/journal/usage.ts';
import { createLog, type LogEntry } from '../../../../shared/log.ts';
import type { Question } from '../../../../shared/platforms/desk.ts';
import { createDingtalkSource } from '../../../../shared/platforms/dingtalk/create-source.ts';
import { createLarkSource } from '../../../../shared/platforms/lark/create-source.ts';
import type { ApprovalSource } from '../../../../shared/platforms/platform.ts';
import type { PlatformTools } from '../../../../shared/platforms/tools.ts';
import { countCalls } from '../../../../shared/runtime/count-calls.ts';
import * as dingtalk from '../../../local/dingtalk/start-dingtalk.ts';
import * as lark from '../../../local/lark/start-lark.ts';
import { makeTemporaryStore, type TemporaryStore } from '../../../shared/journal/temporary-store.ts';
import { sampleWorkflows } from '../../world/workflows.ts';

/** A group of either platform, with the real source in front of the whole embedded platform. */
export interface OpenGroup {
  platform: PlatformName;
  /** One process of ingest; from its call of this number on, everything it does fails. */
  process(options?: { dies?: { at: number; when: 'before' | 'after' } }): Process;
  /** Somebody writes this to the robot. */
  ask(text: string): Question;
  /** How many approvals there are, and what the group shows. */
  approvals(): number;
  shown(): string[];
  work: TemporaryStore['store'];
  records: TemporaryStore['store'];
  advance(ms: number): void;
  close(): Promise<void>;
}

export interface Process {
  take(question: Question): Promise<void>;
  /** Answers what is still open, as the sweep does. */
  sweep(): Promise<void>;
  calls(): number;
  /** Stores what its calls have used of the month's quota, as a function does at each sweep. */
  flush(): Promise<void>;
  logs: LogEntry[];
}

const WORKFLOW = {
  title: '入职',
  words: ['入职', 'onboard'],
  chats: ['it-ops'],
  on: { dingtalk: { process_code: dingtalk.PROCESS_CODE }, lark: { approval_code: lark.APPROVAL_CODE } },
  parameters: { emp_id: { field: 'emp_id', pattern: 'E[0-9]{3,8}', hint: 'E123' } },
  chat: { dingtalk: 'it-ops', lark: 'it-ops' },
};
const CHATS = { dingtalk: { group: { conversation: 'cidOPS==' } }, lark: { chat_id: lark.CHAT_ID } };

/** Calls of a month. */
export const QUOTA = { dingtalk: { api: 1_000, webhook: 1_000 }, lark: { api: 1_000, webhook: 1_000 } };

interface Place {
  source(tools: PlatformTools): ApprovalSource;
  ask(text: string): Question;
  approvals(): number;
  shown(): string[];
  advance(ms: number): void;
  close(): Promise<void>;
}

const textSchema = z.object({ text: z.string() });
const countInstances = (directory: string) =>
  existsSync(join(directory, 'instances')) ? readdirSync(join(directory, 'instances')).length : 0;

async function dingtalkPlace(): Promise<Place> {
  let asked = 0;
  const running = await dingtalk.startDingtalk();
  const variables = {
    DINGTALK_CORP_ID: 'dingcorp',
    DINGTALK_APP_KEY: 'dingapp',
    DINGTALK_APP_SECRET: 'app-secret',
    DINGTALK_CALLBACK_TOKEN: 'token',
    DINGTALK_CALLBACK_AES_KEY: 'a'.repeat(43),
    DINGTALK_OAPI_ENDPOINT: running.origin,
    DINGTALK_API_ENDPOINT: running.origin,
  };
  return {
    ...running,
    source: (tools) => createDingtalkSource(variables, tools),
    ask: (text) => {
      asked += 1;
      return { conversation: 'cidOPS==', message_id: `msg${asked}`, sender: 'u1', text };
    },
    approvals: () => countInstances(running.directory),
    shown: () => running.dingtalk.messages().map(({ text }) => text),
  };
}

async function larkPlace(): Promise<Place> {
  const running = await lark.startLark();
  const variables = {
    LARK_APP_ID: lark.ORGANISATION.app.app_id,
    LARK_APP_SECRET: lark.ORGANISATION.app.app_secret,
    LARK_VERIFICATION_TOKEN: 'token',
    LARK_ENDPOINT: running.origin,
  };
  return {
    ...running,
    source: (tools) => createLarkSource(variables, tools),
    ask: (text) => {
      const message_id = running.lark.sayToBot('u1', lark.CHAT_ID, text);
      return { conversation: lark.CHAT_ID, message_id, sender: 'ou_1', text };
    },
    approvals: () => countInstances(running.directory),
    shown: () => {
      const answers = running.lark.messages().filter(({ parent_id }) => parent_id !== undefined);
      return answers.map(({ content }) => textSchema.parse(JSON.parse(content)).text);
    },
  };
}

export async function openGroup(platform: PlatformName, changes: object = {}): Promise<OpenGroup> {
  const place = await (platform === 'dingtalk' ? dingtalkPlace() : larkPlace());
  const [work, records] = [await makeTemporaryStore(), await makeTemporaryStore()];
  let now = lark.START;
  const clock = { now: () => now, sleep: async () => undefined };
  const workflows = sampleWorkflows({ ...WORKFLOW, ...changes }, { chats: { 'it-ops': CHATS }, quota: QUOTA });
  let processes = 0;
  return {
    platform,
    work: work.store,
    records: records.store,
    process({ dies } = {}) {
      processes += 1;
      const logs: LogEntry[] = [];
      const log = createLog({ clock, level: 'debug', write: (entry) => void logs.push(entry) });
      const gate = createGate(dies);
      const stores = { work: gate.store(work.store), records: gate.store(records.store) };
      const writer = () => `process_${processes}`;
      const usage = createUsage({ work: stores.work, quota: QUOTA, clock, log, writer });
      const http = countCalls(gate.http, usage);
      const tools = { http, clock, randomBytes: (size: number) => Buffer.alloc(size, processes) };
      const holder = () => `process-${processes}`;
      const options = {
        ...{ workflows, clock, log, publish: async () => undefined },
        ...createAsking(stores),
        sources: [place.source(tools)],
        journal: createJournal({ records: stores.records, by: holder }),
        markers: createMarkers(stores.work),
        leases: createLeases({ work: stores.work, clock, holder }),
        work: stores.work,
        usage,
      };
      const answer = createAnswer(options);
      const take = createTakeQuestion({ ...options, answer });
      return {
        logs,
        calls: gate.calls,
        flush: usage.flush,
        take: (question) => take(platform, question, new AbortController().signal),
        sweep: async () => {
          for (const id of await options.questions.list()) await answer(id);
        },
      };
    },
    ask: place.ask,
    approvals: place.approvals,
    shown: place.shown,
    advance(ms) {
      now += ms;
      place.advance(ms);
    },
    close: async () => {
      await Promise.all([place.close(), work.remove(), records.remove()]);
    },
  };
}

/** Counts what goes outside; a process that dies does nothing more, and hears nothing any more. */
function createGate(dies?: { at: number; when: 'before' | 'after' }) {
  let calls = 0;
  let dead = false;
  const pass = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1;
    const isLast = dies?.at === calls;
    if (dead || (isLast && dies?.when === 'before')) {
      dead = true;
      throw new Error('the process is dead');
    }
    const result = await work();
    if (!isLast) return result;
    dead = true;
    throw new Error('the process is dead');
  };
  return {
    calls: () => calls,
    http: ((call) => pass(() => callHttp(call))) satisfies CallHttp as CallHttp,
    store: (store: ObjectStore): ObjectStore => ({
      get: (key) => pass(() => store.get(key)),
      list: (...args) => pass(() => store.list(...args)),
      delete: (key) => pass(() => store.delete(key)),
      createIfAbsent: (...args) => pass(() => store.createIfAbsent(...args)),
    }),
  };
}
