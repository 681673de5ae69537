import { createDispatchSteps } from '../../../functions/dispatch/dispatch.ts';
import { createAccept } from '../../../functions/ingest/accept.ts';
import { createConfirm } from '../../../functions/ingest/confirm.ts';
import { createAsking } from '../../../functions/ingest/group/asking.ts';
import { createReceive } from '../../../functions/ingest/receive.ts';
import { createTakeHint } from '../../../functions/ingest/take-hint.ts';
import { createTakePress } from '../../../functions/ingest/take-press.ts';
import { createNotify } from '../../../functions/notify/notify.ts';
import type { OwnEvent } from '../../../shared/events.ts';
import { type Chain, createJournal } from '../../../shared/journal/journal.ts';
import { createLeases } from '../../../shared/journal/leases.ts';
import { createLocks } from '../../../shared/journal/locks.ts';
import { createMarkers } from '../../../shared/journal/markers.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createSlots } from '../../../shared/journal/slots.ts';
import { createUsage } from '../../../shared/journal/usage.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';
import type { OutgoingMessage } from '../../../shared/message/outgoing-message.ts';
import { namesOf } from '../../../shared/names.ts';
import type { Channel, Messenger } from '../../../shared/platforms/platform.ts';
import { createAdvance } from '../../../shared/request/advance.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import { createHandClock } from '../../shared/hand-clock.ts';
import { createScriptedSource } from './approvals.ts';
import { createScriptedCloud } from './cloud.ts';
import { SCRIPTS, sampleWorkflows } from './workflows.ts';

/** Everything outside the functions goes through here, so that a test may hold it up, lose it or let it fail. */
export type Pass = <T>(name: string, effect: () => Promise<T>) => Promise<T>;
const freely: Pass = (_, effect) => effect();

export interface WorldOptions {
  records: ObjectStore;
  work: ObjectStore;
  workflows?: object;
  /** What stands in workflows.yaml beside the workflow. */
  file?: object;
  /** The way to a chat; by default one whose messages stay as they are. */
  channel?: (chat: string) => Channel | undefined;
  /** What the messenger can do beside that. */
  messenger?: Pick<Messenger, 'tell' | 'comment'>;
}

export type World = ReturnType<typeof openWorld>;
export type Functions = ReturnType<World['open']>;

/** The world around the functions: two stores, a platform, a Cloud Assistant, a chat, a bus, and a clock to be moved. */
export function openWorld({ records, work, workflows, ...options }: WorldOptions) {
  const clock = createHandClock();
  const entries: LogEntry[] = [];
  const events: OwnEvent[] = [];
  const messages: OutgoingMessage[] = [];
  const log = createLog({ clock, write: (entry) => void entries.push(entry) });
  const source = createScriptedSource();
  const cloud = createScriptedCloud();
  const file = sampleWorkflows(workflows, options.file);
  let holders = 0;

  /** The three functions of one invocation, whose every effect goes through `pass`. */
  function open(pass: Pass = freely) {
    const base = {
      ...{ workflows: file, scripts: SCRIPTS, environmentName: 'dev', names: namesOf('dev', '1') },
      ...{ clock, log, sources: [gatedSource(pass)], messengers: [gatedMessenger(pass)] },
      cloudAssistant: gatedCloud(pass),
      stopInvocation: (id: string) => pass('stop', async () => cloud.stop(id)),
      publish: (event: OwnEvent) => pass('publish', async () => void events.push(event)),
      work: gated(work, pass),
    };
    const writer = () => {
      holders += 1;
      return `w_${holders}`;
    };
    const journal = createJournal({ records: gated(records, pass), by: () => 'test/1' });
    const takeQuestion = async () => undefined;
    const stored = {
      journal,
      ...createAsking({ work: base.work, records: gated(records, pass) }),
      markers: createMarkers(base.work),
      leases: createLeases({ work: base.work, clock, holder: writer }),
      locks: createLocks({ work: base.work, journal }),
      slots: createSlots({ work: base.work, clock }),
      usage: createUsage({ work: base.work, quota: {}, clock, log, writer }),
    };
    const options = { ...base, ...stored };
    const notify = createNotify(options);
    const dispatchSteps = createDispatchSteps(options);
    const ingestSteps = { accept: createAccept(options), confirm: createConfirm(options) };
    const advances: Record<FunctionName, (requestId: string) => Promise<Chain>> = {
      ingest: createAdvance({ ...options, me: 'ingest', steps: ingestSteps }),
      dispatch: createAdvance({ ...options, me: 'dispatch', steps: dispatchSteps }),
      notify: notify.advance,
    };
    const takeHint = createTakeHint({ ...options, accept: (requestId) => advances.ingest(requestId) });
    const takePress = createTakePress({ ...options, accept: (requestId) => advances.ingest(requestId) });
    const receive = createReceive({ ...options, takeHint, takeQuestion, takePress });
    return {
      ...options,
      takeHint,
      takePress,
      ingestSteps,
      dispatchSteps,
      advance: (me: FunctionName, requestId: string) => advances[me](requestId),
      advanceInvocation: notify.advanceInvocation,
      /** The callback that says that this approval is granted. */
      callback: async (instance: string) => {
        const query = { instance, at: String(clock.now()) };
        await receive({ method: 'POST', query, headers: {}, body: Buffer.alloc(0) }, new AbortController().signal);
      },
    };
  }

  const gatedSource = (pass: Pass) => ({
    ...source,
    readApproval: (...args: Parameters<typeof source.readApproval>) =>
      pass('readApproval', () => source.readApproval(...args)),
  });
  const gatedCloud = (pass: Pass) => ({
    findCommandId: (name: string) => pass('findCommandId', () => cloud.findCommandId(name)),
    findOnline: (ids: readonly string[]) => pass('findOnline', () => cloud.findOnline(ids)),
    run: (...args: Parameters<typeof cloud.run>) => pass('run', () => cloud.run(...args)),
    findInvocation: (id: string) => pass('findInvocation', () => cloud.findInvocation(id)),
    findInvocationsByTag: (key: string, value: string) =>
      pass('findInvocationsByTag', () => cloud.findInvocationsByTag(key, value)),
  });
  const gatedMessenger = (pass: Pass): Messenger => ({
    name: 'dingtalk',
    approvalLink: (id) => `https://example.com/${id}`,
    escape: (text) => text,
    refusesContent: (code) => code === 'dingtalk.430104',
    channel: (chat) => {
      const channel = options.channel ? options.channel(chat) : fixedChannel(messages);
      return channel && gatedChannel(channel, pass);
    },
    ...options.messenger,
  });

  return { clock, entries, events, messages, source, cloud, records, work, open };
}

/** A chat whose messages stay as they are. */
function fixedChannel(messages: OutgoingMessage[]): Channel {
  return {
    maxBytes: 18_000,
    maxUpdates: 0,
    isLimited: true,
    post: async (message) => {
      messages.push(message);
      return '';
    },
  };
}

function gatedChannel({ post, update, ...channel }: Channel, pass: Pass): Channel {
  return {
    ...channel,
    post: (message) => pass('send', () => post(message)),
    ...(update && { update: (id, message) => pass('send', () => update(id, message)) }),
  };
}

function gated(store: ObjectStore, pass: Pass): ObjectStore {
  return {
    createIfAbsent: (key, body) => pass(`create ${key}`, () => store.createIfAbsent(key, body)),
    get: (key) => pass(`get ${key}`, () => store.get(key)),
    list: (prefix, options) => pass(`list ${prefix}`, () => store.list(prefix, options)),
    delete: (key) => pass(`delete ${key}`, () => store.delete(key)),
  };
}
