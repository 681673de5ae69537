import fc from 'fast-check';
import { recognisesCallback } from '../../shared/platforms/dingtalk/open-callback.ts';
import type { CallbackOutcome, CallbackRequest } from '../../shared/platforms/platform.ts';
import { open } from '../shared/platforms/dingtalk/open-sample.ts';
import {
  callback,
  encryptBlocks,
  openReply,
  pad,
  plainOf,
  post,
} from '../shared/platforms/dingtalk/sealed-callback.ts';
import { type CallbackEdit, callbackEdit, editCallback, GENUINE, genuine } from './genuine-callbacks.ts';
import { type ByteEdit, byteEdit, editBytes, editsOf, garbage, hostileJson, memberAt, tryJson } from './mutations.ts';
import { defineTarget, demand } from './target.ts';

type Case =
  | { kind: 'mutated'; from: number; other: number; edits: CallbackEdit[] }
  | { kind: 'garbage'; query: Record<string, string>; method: string; body: Buffer }
  | { kind: 'sealed'; plain: Buffer; edits: ByteEdit[] }
  | { kind: 'message'; json: unknown };

const names = fc.constantFrom('signature', 'msg_signature', 'timestamp', 'timeStamp', 'nonce', '__proto__', 'x');
/** Mostly what an approval says, so that one thing alone is odd in most messages. */
const mostly = (usual: string, ...odd: string[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<unknown>(usual) },
    { weight: 2, arbitrary: fc.constantFrom<unknown>(...odd, '', `${usual}\n`, ` ${usual}`, [usual]) },
    hostileJson,
  );
const message = fc.oneof(
  hostileJson,
  fc.record({
    EventType: mostly('bpms_instance_change', 'check_url'),
    processInstanceId: mostly('pi-1', '../x', 'a b'),
    processCode: mostly('PROC-1'),
    type: mostly('finish', 'start'),
    result: mostly('agree', 'refuse'),
  }),
);
const cases: fc.Arbitrary<Case> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('mutated' as const),
      from: genuine,
      other: genuine,
      edits: fc.array(callbackEdit, { maxLength: 3 }),
    }),
  },
  fc.record({
    kind: fc.constant('garbage' as const),
    query: fc.dictionary(names, fc.string({ unit: 'binary', maxLength: 140 })),
    method: fc.constantFrom('POST', 'GET', ''),
    body: garbage,
  }),
  fc.record({
    kind: fc.constant('sealed' as const),
    plain: garbage.filter((bytes) => bytes.length < 1_000),
    edits: editsOf(byteEdit),
  }),
  fc.record({ kind: fc.constant('message' as const), json: message }),
);

export const callbacks = defineTarget<Case>({
  name: 'callbacks',
  cases,
  open: async () => ({ check: checkCase }),
});

function checkCase(value: Case): unknown {
  switch (value.kind) {
    case 'mutated':
      return checkMutated(value.from, value.other, value.edits);
    case 'garbage': {
      const { query, method, body } = value;
      return expectRejected(opened({ method, query, headers: {}, body }));
    }
    case 'sealed':
      return checkSealed(value.plain, value.edits);
    case 'message':
      return checkMessage(value.json);
  }
}

function opened(request: CallbackRequest): CallbackOutcome {
  recognisesCallback(request);
  return open(request);
}

function expectRejected(outcome: CallbackOutcome): void {
  demand(outcome.kind === 'rejected', `something not genuine is ${outcome.kind}`);
  const { status, body } = outcome.reply;
  demand(status === 403 && body === '{"error":"the callback could not be verified"}', 'the sender learns something');
}

/** What is accepted is one of the two messages that went in, byte for byte, and says what that one says. */
function checkMutated(from: number, other: number, edits: readonly CallbackEdit[]): void {
  const sources = [GENUINE[from], GENUINE[other]].filter((source) => source !== undefined);
  const [first, second = first] = sources;
  demand(first !== undefined && second !== undefined, 'there is no such callback');
  const request = edits.reduce((at, edit) => editCallback(at, edit, second.request), first.request);
  const outcome = opened(request);
  if (outcome.kind === 'rejected') expectRejected(outcome);
  demand(outcome.kind !== 'rejected' || edits.length > 0, 'a genuine one is rejected');
  if (outcome.kind === 'rejected') return;
  const source = sources.find(({ message }) => message === outcome.message);
  demand(source !== undefined, 'a message is accepted that nobody sent');
  demand(request.body.includes(source.encrypted), 'a message is accepted that is not in the body');
  const truth = open(source.request);
  demand(outcome.kind === truth.kind, `a genuine ${truth.kind} becomes ${outcome.kind}`);
  expectSuccess(outcome);
  if (outcome.kind !== 'event' || truth.kind !== 'event') return;
  demand(outcome.hint.instance_id === truth.hint.instance_id && outcome.hint.code === truth.hint.code, 'another hint');
  const newest = Math.max(...sources.map(({ request }) => timeOf(request)));
  demand(outcome.sentAt <= newest, 'an old callback becomes newer');
}

function timeOf({ query }: CallbackRequest): number {
  const text = query['timestamp'] ?? query['timeStamp'] ?? '';
  return Number(text) * (text.length === 10 ? 1000 : 1);
}

function expectSuccess({ reply }: CallbackOutcome): void {
  const answer = openReply(reply);
  demand(answer.status === 200 && answer.signed && answer.message === 'success', 'the answer is not a signed success');
}

/** Blocks that carry the right signature and anything else: opened as what they hold, or rejected. */
function checkSealed(plain: Buffer, edits: readonly ByteEdit[]): void {
  const whole = edits.reduce(editBytes, pad(plainOf({ message: plain })));
  const blocks = whole.subarray(0, whole.length - (whole.length % 16));
  const outcome = opened(post(encryptBlocks(blocks)));
  if (outcome.kind === 'rejected') expectRejected(outcome);
  if (outcome.kind === 'rejected') return;
  const end = 20 + blocks.readUInt32BE(16);
  demand(outcome.message === blocks.toString('utf8', 20, end), 'the message is not what was encrypted');
  const owner = blocks.toString('utf8', end, blocks.length - (blocks.at(-1) ?? 0));
  demand(['dingapp', 'dingcorp'].includes(owner), 'the owner key is of somebody else');
}

/** Anything that a genuine sender could say: an event only if it says so itself, with an id that may be part of a key. */
function checkMessage(json: unknown): void {
  const text = JSON.stringify(json);
  const outcome = opened(callback(text));
  // Above the bound on bodies, also a genuine one is rejected.
  if (Buffer.byteLength(text) > 40_000) return;
  demand(outcome.kind !== 'rejected', 'a genuine callback is rejected');
  expectSuccess(outcome);
  if (outcome.kind !== 'event') return;
  const said = tryJson(Buffer.from(outcome.message));
  const is = (name: string, value: unknown) => memberAt(said, name) === value;
  demand(is('EventType', 'bpms_instance_change') && is('type', 'finish') && is('result', 'agree'), 'not agreed');
  const { instance_id, code } = outcome.hint;
  demand(is('processInstanceId', instance_id) && is('processCode', code), 'the hint is not what was said');
  demand(/^[A-Za-z0-9_-]{1,64}$/.test(instance_id), 'the instance id could be a path');
}
