import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { CloudEvent } from '../../local/event-bridge/cloud-event.ts';
import { EventBridgeError } from '../../local/event-bridge/event-bridge-error.ts';
import { createPutEvents } from '../../local/event-bridge/put-events.ts';
import { createBus, type EventBus } from '../../local/event-bridge/state.ts';
import { EVENT_SOURCES, parseTrigger, type Trigger } from '../../shared/events.ts';
import { FACTS } from '../shared/request/facts.ts';
import {
  type ByteEdit,
  byteEdit,
  ENCODINGS,
  type Encoding,
  editBytes,
  editJson,
  encodeText,
  garbage,
  type JsonEdit,
  jsonEdit,
  memberAt,
  rarely,
  tryJson,
} from './mutations.ts';
import { defineTarget, demand } from './target.ts';

interface Case {
  events: number[];
  json: JsonEdit[];
  bytes: ByteEdit[];
  encoding: Encoding | null;
  instead: Buffer | null;
  contentType: string;
}

const BUS = 'approvals';
const envelope = { id: 'e-1', specversion: '1.0', aliyuneventbusname: BUS, time: '2026-11-24T01:48:07.000Z' };
const { request } = FACTS.accepted;
const { request_id } = request;
const started = { request_id, invoke_id: 't-1', command: 'c', instances: ['i-1'] };
const completed = { invokeId: 't-1', invocationStatus: 'Success', exitCode: '0' };
const EVENTS: readonly object[] = [
  {
    ...envelope,
    source: 'dingtalk.approval',
    type: 'ProvisionRequest',
    data: request,
    datacontenttype: 'application/json',
  },
  { ...envelope, source: 'approval-loop.dispatch', type: 'ProvisionStarted', data: started, subject: 'a', extra: 1 },
  { ...envelope, source: 'approval-loop.ingest', type: 'ProvisionRefused', data: { request_id, code: 'no_approver' } },
  { ...envelope, source: 'acs.ecs', type: 'ecs:CloudAssistant:TaskCompleted', data: completed },
  { ...envelope, source: 'approval-loop.doctor', type: 'Probe', data: { probe_id: '0123456789abcdef'.repeat(2) } },
  { triggerTime: '2026-09-01T02:00:00Z', triggerName: 'sweep', payload: '' },
];
const BATCH = 'application/cloudevents-batch+json';

export const cloudEvents = defineTarget<Case>({
  name: 'cloud-events',
  cases: fc.record({
    events: fc.array(fc.nat(EVENTS.length - 1), { minLength: 1, maxLength: 3 }),
    json: fc.array(jsonEdit, { maxLength: 3 }),
    bytes: fc.array(byteEdit, { maxLength: 1 }),
    encoding: rarely(fc.constantFrom(...ENCODINGS)),
    instead: rarely(garbage),
    contentType: fc.constantFrom(BATCH, BATCH, BATCH, 'application/cloudevents+json', 'APPLICATION/JSON', ''),
  }),
  open: async () => ({ check: checkCase }),
});

function checkCase(value: Case): void {
  const { events, json, bytes, encoding, instead, contentType } = value;
  const toBytes = (made: unknown) => {
    const text = JSON.stringify(json.reduce<unknown>(editJson, made)) ?? '';
    return bytes.reduce(editBytes, instead ?? (encoding ? encodeText(text, encoding) : Buffer.from(text)));
  };
  const all = events.map((index) => EVENTS[index]);
  checkPutEvents(toBytes(contentType === BATCH ? all : all[0]), contentType);
  checkTrigger(toBytes(all[0]));
}

const bus: EventBus = {
  ...createBus(BUS, 0),
  sources: EVENT_SOURCES.map((Name) => ({ Name, Description: '', Ctime: 0 })),
};

function checkPutEvents(body: Buffer, contentType: string): void {
  const taken: CloudEvent[] = [];
  const putEvents = createPutEvents({
    findBus: (name) => (name === BUS ? bus : undefined),
    accept: (name, event) => {
      demand(name === BUS, 'an event is taken for another bus');
      taken.push(event);
    },
    newId: () => 'trace-1',
  });
  const answer = tryPut(putEvents, body, contentType);
  demand(answer !== undefined || taken.length === 0, 'a request is refused and an event of it taken');
  if (answer === undefined) return;
  // This door, unlike the functions', takes JSON behind a byte order mark.
  const sent = tryJson(Buffer.from(body.toString().replace(/^\ufeff/, '')));
  const events: unknown[] = Array.isArray(sent) ? sent : [sent];
  const entries = memberAt(answer, 'EntryList');
  demand(Array.isArray(entries) && entries.length === events.length, 'not one entry for each event');
  demand(memberAt(answer, 'FailedEntryCount') === events.length - taken.length, 'the failures are not counted');
  for (const event of taken) checkTaken(event, events);
}

function tryPut(putEvents: ReturnType<typeof createPutEvents>, body: Buffer, contentType: string): unknown {
  const target = { method: 'POST', rawPath: '/openapi/putEvents', rawQuery: '', query: new URLSearchParams() };
  try {
    const answer = putEvents({ ...target, headers: { 'content-type': contentType }, body, sourceIp: '127.0.0.1' });
    return tryJson(Buffer.from(JSON.stringify(answer)));
  } catch (error) {
    if (!(error instanceof EventBridgeError)) throw error;
    demand(error.status >= 400 && error.status < 500 && error.code !== '', 'a refusal without status or code');
    demand(error.message.length < 1_000, 'the refusal is as long as the event');
    return undefined;
  }
}

/** What is taken is what was sent, attribute by attribute, of a source that is registered. */
function checkTaken(event: CloudEvent, sent: readonly unknown[]): void {
  const twin = sent.some((one) => {
    const names = typeof one === 'object' && one !== null ? Object.keys(one) : [];
    return (
      names.length === Object.keys(event).length &&
      names.every((name) => isDeepStrictEqual(memberAt(one, name), event[name]))
    );
  });
  demand(twin, 'an event is taken that nobody sent');
  demand(
    EVENT_SOURCES.some((source) => source === event.source),
    'an event of an unknown source is taken',
  );
  demand(/^[A-Za-z0-9-]{1,128}$/.test(event.id) && event.type.length <= 64, 'an id or type out of bounds');
  demand(Buffer.byteLength(JSON.stringify(event['data'] ?? '')) <= 64 * 1024 + 2, 'data above the limit');
}

const OWN_TYPES: readonly unknown[] = ['ProvisionRequest', 'ProvisionStarted', 'ProvisionRefused'];

/** A trigger says what the event's own members say, and nothing else. */
function checkTrigger(payload: Buffer): void {
  const trigger: Trigger = parseTrigger(payload);
  const event = tryJson(payload);
  if (trigger.kind === 'request') {
    demand(memberAt(event, 'data', 'request_id') === trigger.requestId, 'another request');
    demand(OWN_TYPES.includes(memberAt(event, 'type')), 'a request of a type that is none of ours');
    demand(/^(dingtalk|lark)(\.[A-Za-z0-9_-]{1,64}){1,3}$/.test(trigger.requestId), 'the request id could be a path');
  }
  if (trigger.kind === 'invocation') {
    demand(memberAt(event, 'data', 'invokeId') === trigger.invokeId, 'another invocation');
    demand(memberAt(event, 'source') === 'acs.ecs', 'an invocation that ECS did not tell of');
  }
  if (trigger.kind === 'probe') {
    demand(memberAt(event, 'data', 'probe_id') === trigger.probeId, 'another probe');
    demand(memberAt(event, 'source') === 'approval-loop.doctor', 'a probe that doctor did not send');
    demand(/^[a-f0-9]{32}$/.test(trigger.probeId), 'the id of a probe could be a path');
  }
  if (trigger.kind === 'timer') demand(typeof memberAt(event, 'triggerName') === 'string', 'no timer has no name');
}
