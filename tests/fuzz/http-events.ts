import fc from 'fast-check';
import { parseHttpEvent } from '../../functions/ingest/http-event.ts';
import { createReceive } from '../../functions/ingest/receive.ts';
import { createTakeHint } from '../../functions/ingest/take-hint.ts';
import { createJournal } from '../../shared/journal/journal.ts';
import { createMarkers } from '../../shared/journal/markers.ts';
import { createLog } from '../../shared/log.ts';
import { createSources } from '../../shared/platforms/create-sources.ts';
import type { CallbackRequest } from '../../shared/platforms/platform.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import { makeTemporaryStore } from '../shared/journal/temporary-store.ts';
import { NOW } from '../shared/platforms/dingtalk/open-sample.ts';
import { AES_KEY, CORP_ID, OWNER_KEY, RANDOM, TOKEN } from '../shared/platforms/dingtalk/sealed-callback.ts';
import { changed, SAMPLE } from '../shared/workflows/sample.ts';
import { type CallbackEdit, callbackEdit, editCallback, GENUINE, genuine } from './genuine-callbacks.ts';
import {
  type ByteEdit,
  byteEdit,
  editBytes,
  editJson,
  garbage,
  type JsonEdit,
  jsonEdit,
  memberAt,
  rarely,
  tryJson,
} from './mutations.ts';
import { defineTarget, demand } from './target.ts';

interface Case {
  from: number;
  other: number;
  base64: boolean;
  capitals: boolean;
  edits: CallbackEdit[];
  json: JsonEdit[];
  bytes: ByteEdit[];
  instead: Buffer | null;
}

const cases: fc.Arbitrary<Case> = fc.record({
  from: genuine,
  other: genuine,
  base64: fc.boolean(),
  capitals: fc.boolean(),
  edits: fc.array(callbackEdit, { maxLength: 1 }),
  json: fc.array(jsonEdit, { maxLength: 2 }),
  bytes: fc.array(byteEdit, { maxLength: 1 }),
  instead: rarely(garbage),
});

const clock = { now: () => NOW, sleep: async () => undefined };
const workflows = loadWorkflows(changed(SAMPLE, 'workflows.onboarding.on.dingtalk.process_code', 'PROC-1'));
const VARIABLES = {
  DINGTALK_CORP_ID: CORP_ID,
  DINGTALK_APP_KEY: OWNER_KEY,
  DINGTALK_APP_SECRET: 'secret',
  DINGTALK_CALLBACK_TOKEN: TOKEN,
  DINGTALK_CALLBACK_AES_KEY: AES_KEY,
};

export const httpEvents = defineTarget<Case>({
  name: 'http-events',
  cases,
  open: async () => {
    const { store, remove } = await makeTemporaryStore();
    const tools = { clock, randomBytes: (size: number) => RANDOM.subarray(0, size), http: refuseHttp };
    const markers = createMarkers(store);
    const journal = createJournal({ records: store, by: () => 'fuzz' });
    const log = createLog({ clock, write: () => undefined });
    const sources = createSources(VARIABLES, tools);
    const receive = createReceive({
      ...{ sources, log },
      takeQuestion: async () => undefined,
      takePress: async () => ({ kind: 'refused', text: 'nobody presses here' }),
      takeHint: createTakeHint({ workflows, journal, markers, clock, log, accept: async () => undefined }),
    });
    return { check: (value) => checkCase(value, receive, markers), close: remove };
  },
});

const NEVER = new AbortController().signal;

async function refuseHttp(): Promise<never> {
  throw new Error('receiving a callback calls nobody');
}

function eventOf(value: Case): Buffer {
  if (value.instead) return value.instead;
  const [first, second] = [GENUINE[value.from]?.request, GENUINE[value.other]?.request];
  demand(first !== undefined && second !== undefined, 'there is no such callback');
  const request = value.edits.reduce((at, edit) => editCallback(at, edit, second), first);
  const json = value.json.reduce<unknown>(editJson, toEvent(request, value));
  return value.bytes.reduce(editBytes, Buffer.from(JSON.stringify(json) ?? ''));
}

/** As the embedded Function Compute and the real one pass it on. */
function toEvent({ method, query, headers, body }: CallbackRequest, { base64, capitals }: Case): object {
  const cased = Object.entries(headers).map(([name, value]) => [capitals ? name.toUpperCase() : name, value]);
  return {
    version: 'v1',
    rawPath: '/',
    headers: Object.fromEntries(cased),
    queryParameters: query,
    body: body.toString(base64 ? 'base64' : 'utf8'),
    isBase64Encoded: base64,
    requestContext: { http: { method, path: '/' }, requestId: 'r-1' },
  };
}

async function checkCase(
  value: Case,
  receive: ReturnType<typeof createReceive>,
  markers: ReturnType<typeof createMarkers>,
): Promise<void> {
  const bytes = eventOf(value);
  const request = parseHttpEvent(bytes);
  const untouched = value.edits.length + value.json.length + value.bytes.length === 0 && !value.instead;
  demand(request !== undefined || !untouched, 'a genuine event is not read');
  if (!request) return;
  checkRequest(request, tryJson(bytes));
  const { reply, requestId } = await receive(request, NEVER);
  demand([200, 403, 404].includes(reply.status), `the answer is ${reply.status}`);
  demand(reply.status === 200 || !untouched, 'a genuine callback is refused');
  const left = await markers.list();
  const marker = requestId === undefined ? undefined : await markers.get(requestId);
  for (const id of left) await markers.delete(id);
  demand(requestId !== undefined || left.length === 0, 'a callback that was refused leaves a marker');
  if (requestId === undefined) return;
  demand(left.length === 1 && left[0] === requestId, 'there are other markers than that of the request');
  const source = GENUINE.find(({ encrypted }) => request.body.includes(encrypted));
  const said = source && tryJson(Buffer.from(source.message));
  demand(requestId === `dingtalk.${memberAt(said, 'processInstanceId')}`, 'the marker is not for what was approved');
  demand(marker?.code === 'PROC-1' && memberAt(said, 'processCode') === 'PROC-1', 'the marker names another template');
  demand(memberAt(said, 'type') === 'finish' && memberAt(said, 'result') === 'agree', 'nobody agreed to it');
}

/** The request is the event's: method in capitals, header names in lower case, the body's very bytes. */
function checkRequest({ method, headers, body, query }: CallbackRequest, event: unknown): void {
  const sent = memberAt(event, 'requestContext', 'http', 'method');
  demand(typeof sent === 'string' && method === sent.toUpperCase(), 'another method');
  demand(
    Object.keys(headers).every((name) => name === name.toLowerCase()),
    'a header name with capitals',
  );
  const text = memberAt(event, 'body') ?? '';
  const encoding = memberAt(event, 'isBase64Encoded') === true ? 'base64' : 'utf8';
  demand(typeof text === 'string' && body.equals(Buffer.from(text, encoding)), 'another body');
  demand(
    Object.entries(query).every(([name, value]) => memberAt(event, 'queryParameters', name) === value),
    'another query',
  );
}
