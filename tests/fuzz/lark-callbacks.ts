import fc from 'fast-check';
import { type CallbackConfig, openCallback, recognisesCallback } from '../../shared/platforms/lark/open-callback.ts';
import type { CallbackOutcome, CallbackRequest } from '../../shared/platforms/platform.ts';
import {
  APPROVED,
  approvedWith,
  CHALLENGE,
  callback,
  ENCRYPT_KEY,
  plainCallback,
  post,
  TOKEN,
} from '../shared/platforms/lark/sealed-callback.ts';
import {
  type ByteEdit,
  byteEdit,
  editBytes,
  editJson,
  editsOf,
  garbage,
  type JsonEdit,
  jsonEdit,
  memberAt,
  tryJson,
} from './mutations.ts';
import { defineTarget, demand } from './target.ts';

const MESSAGES = [APPROVED, approvedWith({ status: 'REVERTED' }), approvedWith({ status: 'PENDING' }), CHALLENGE];
const HEADERS = ['x-lark-signature', 'x-lark-request-timestamp', 'x-lark-request-nonce'] as const;
const CONFIGS: readonly CallbackConfig[] = [
  { encryptKey: ENCRYPT_KEY, verificationToken: TOKEN },
  { encryptKey: ENCRYPT_KEY, verificationToken: '' },
  { encryptKey: '', verificationToken: TOKEN },
];
const SEALED = callback(APPROVED);

type Case =
  | { kind: 'message'; from: number; edits: JsonEdit[]; config: number }
  | { kind: 'tampered'; where: 'body' | (typeof HEADERS)[number]; edits: ByteEdit[] }
  | { kind: 'garbage'; body: Buffer; signed: boolean; config: number };

const config = fc.nat({ max: CONFIGS.length - 1 });
const cases: fc.Arbitrary<Case> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      from: fc.nat({ max: MESSAGES.length - 1 }),
      edits: fc.array(jsonEdit, { maxLength: 2 }),
      config,
    }),
  },
  fc.record({
    kind: fc.constant('tampered' as const),
    where: fc.constantFrom('body' as const, ...HEADERS),
    edits: editsOf(byteEdit),
  }),
  fc.record({ kind: fc.constant('garbage' as const), body: garbage, signed: fc.boolean(), config }),
);

export const larkCallbacks = defineTarget<Case>({
  name: 'lark-callbacks',
  cases,
  open: async () => ({ check: checkCase }),
});

function checkCase(value: Case): unknown {
  switch (value.kind) {
    case 'message':
      return checkMessage(value.from, value.edits, CONFIGS[value.config] ?? CONFIGS[0]);
    case 'tampered':
      return checkTampered(value.where, value.edits);
    case 'garbage': {
      const request = value.signed ? post(value.body) : { ...SEALED, headers: {}, body: value.body };
      return expectRejected(open(request, CONFIGS[value.config] ?? CONFIGS[0]));
    }
  }
}

function open(request: CallbackRequest, using = CONFIGS[0]): CallbackOutcome {
  recognisesCallback(request);
  demand(using !== undefined, 'there is no such configuration');
  return openCallback(request, using);
}

function expectRejected(outcome: CallbackOutcome): void {
  demand(outcome.kind === 'rejected', `something not genuine is ${outcome.kind}`);
  const { status, body } = outcome.reply;
  demand(status === 403 && body === '{"error":"the callback could not be verified"}', 'the sender learns something');
}

/** Anything that a genuine sender could say: an event only if it says so itself, with the token where there is one. */
function checkMessage(from: number, edits: readonly JsonEdit[], using = CONFIGS[0]): void {
  const text = JSON.stringify(edits.reduce<unknown>(editJson, MESSAGES[from])) ?? '';
  const outcome = open(using?.encryptKey === '' ? plainCallback(text) : callback(text), using);
  if (outcome.kind === 'rejected') {
    expectRejected(outcome);
    demand(edits.length > 0, 'a genuine callback is rejected');
    return;
  }
  demand(outcome.message === text && outcome.reply.status === 200, 'another message, or another answer');
  const said = tryJson(Buffer.from(text));
  const token = memberAt(said, 'header', 'token') ?? memberAt(said, 'token');
  demand(using?.verificationToken === '' || token === TOKEN, 'another token is taken');
  if (outcome.kind === 'challenge')
    demand(outcome.reply.body === JSON.stringify({ challenge: memberAt(said, 'challenge') }), 'another challenge');
  if (outcome.kind !== 'event') return;
  const event = (name: string) => memberAt(said, 'event', name);
  demand(event('status') === (outcome.reversal ? 'REVERTED' : 'APPROVED'), 'it says something else');
  demand(event('instance_code') === outcome.hint.instance_id, 'another instance');
  demand(event('approval_code') === outcome.hint.code, 'another definition');
  demand(/^[A-Za-z0-9_-]{1,64}$/.test(outcome.hint.instance_id), 'the instance id could be a path');
  demand(Number.isSafeInteger(outcome.sentAt) && outcome.sentAt >= 0, 'the time is none');
}

/** A callback that is not the one that was signed is rejected. */
function checkTampered(where: 'body' | (typeof HEADERS)[number], edits: readonly ByteEdit[]): void {
  const edited = (bytes: Buffer) => edits.reduce(editBytes, bytes);
  const header = SEALED.headers[where] ?? '';
  const request: CallbackRequest =
    where === 'body'
      ? { ...SEALED, body: edited(SEALED.body) }
      : { ...SEALED, headers: { ...SEALED.headers, [where]: edited(Buffer.from(header)).toString() } };
  const isSame = request.body.equals(SEALED.body) && (request.headers[where] ?? '') === header;
  if (!isSame) expectRejected(open(request));
}
