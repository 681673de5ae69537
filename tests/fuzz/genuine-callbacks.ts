import fc from 'fast-check';
import type { CallbackRequest } from '../../shared/platforms/platform.ts';
import { APPROVED, CORP_ID, post, seal } from '../shared/platforms/dingtalk/sealed-callback.ts';
import {
  type ByteEdit,
  byteEdit,
  ENCODINGS,
  type Encoding,
  editBytes,
  editJson,
  encodeText,
  type JsonEdit,
  jsonEdit,
  tryJson,
} from './mutations.ts';

export interface Genuine {
  message: string;
  encrypted: string;
  request: CallbackRequest;
}

const MESSAGES: readonly object[] = [
  APPROVED,
  { ...APPROVED, processInstanceId: 'pi-2_B', title: '短' },
  { ...APPROVED, result: 'refuse' },
  { ...APPROVED, type: 'start', result: undefined },
  { ...APPROVED, processCode: 'PROC-OF-NOBODY' },
  { EventType: 'check_url' },
  { EventType: 'user_add_org', userId: ['u1'] },
];

const QUERIES: readonly ((query: Record<'signature' | 'timestamp' | 'nonce', string>) => Record<string, string>)[] = [
  (query) => ({ ...query, msg_signature: query.signature }),
  ({ signature, timestamp, nonce }) => ({ msg_signature: signature, timeStamp: timestamp, nonce }),
  (query) => query,
];

/** Callbacks as DingTalk sends them: every kind of message under every spelling of the query. */
export const GENUINE: readonly Genuine[] = MESSAGES.flatMap((value, index) =>
  QUERIES.map((query, spelling): Genuine => {
    const message = JSON.stringify(value);
    const ownerKey = index % 2 === 0 ? 'dingapp' : CORP_ID;
    const encrypted = seal({ message, ownerKey }, { block: index % 2 === 0 ? 32 : 16 });
    const timestamp = spelling === 2 ? '1767323045' : `176732304567${index}`;
    return { message, encrypted, request: post(encrypted, { query, timestamp, nonce: `${index}nonce${spelling}` }) };
  }),
);
export const genuine = fc.nat(GENUINE.length - 1);

export type CallbackEdit =
  | { kind: 'query'; name: string; change: (typeof CHANGES)[number]; text: string }
  | { kind: 'exchange'; name: string; other: string }
  | { kind: 'shift'; from: string; to: string; count: number }
  | { kind: 'body'; edit: ByteEdit }
  | { kind: 'envelope'; edit: JsonEdit }
  | { kind: 'encoding'; encoding: Encoding }
  | { kind: 'mix'; part: 'query' | 'body' | 'joined' | 'name'; name: string }
  | { kind: 'huge'; part: 'query' | 'body' | 'headers'; count: number }
  | { kind: 'header'; name: string; value: string }
  | { kind: 'method'; method: string };

const CHANGES = ['set', 'remove', 'case', 'double', 'append', 'rename', 'encode'] as const;
const names = fc.constantFrom('signature', 'msg_signature', 'timestamp', 'timeStamp', 'nonce');
const text = fc.oneof(
  fc.constantFrom('', ' ', ',', '\0', '0', '1767323045678', '0'.repeat(40)),
  fc.string({ maxLength: 20 }),
);
const kind = <K extends string>(value: K) => fc.constant(value);

export const callbackEdit: fc.Arbitrary<CallbackEdit> = fc.oneof(
  fc.record({ kind: kind('query'), name: names, change: fc.constantFrom(...CHANGES), text }),
  fc.record({ kind: kind('exchange'), name: names, other: names }),
  fc.record({ kind: kind('shift'), from: names, to: names, count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: kind('body'), edit: byteEdit }),
  fc.record({ kind: kind('envelope'), edit: jsonEdit }),
  fc.record({ kind: kind('encoding'), encoding: fc.constantFrom(...ENCODINGS) }),
  fc.record({ kind: kind('mix'), part: fc.constantFrom('query', 'body', 'joined', 'name'), name: names }),
  fc.record({ kind: kind('huge'), part: fc.constantFrom('query', 'body', 'headers'), count: fc.nat(100_000) }),
  fc.record({
    kind: kind('header'),
    name: fc.constantFrom('content-type', 'Content-Type', 'CONTENT-ENCODING'),
    value: text,
  }),
  fc.record({ kind: kind('method'), method: fc.constantFrom('post', 'GET', '', 'POST ', 'PoSt') }),
);

/** The request after one change; `other` is a genuine one to take parts from. */
export function editCallback(request: CallbackRequest, edit: CallbackEdit, other: CallbackRequest): CallbackRequest {
  const { query, body, headers } = request;
  switch (edit.kind) {
    case 'query':
      return { ...request, query: editQuery(query, edit.name, edit.change, edit.text) };
    case 'exchange':
      return {
        ...request,
        query: { ...query, [edit.name]: query[edit.other] ?? '', [edit.other]: query[edit.name] ?? '' },
      };
    case 'shift':
      return { ...request, query: shift(query, edit.from, edit.to, edit.count) };
    case 'body':
      return { ...request, body: editBytes(body, edit.edit) };
    case 'envelope':
      return { ...request, body: Buffer.from(JSON.stringify(editJson(tryJson(body), edit.edit) ?? null)) };
    case 'encoding':
      return { ...request, body: encodeText(body.toString(), edit.encoding) };
    case 'mix':
      return mix(request, edit.part, edit.name, other);
    case 'huge':
      return enlarge(request, edit.part, edit.count);
    case 'header':
      return { ...request, headers: { ...headers, [edit.name]: edit.value } };
    case 'method':
      return { ...request, method: edit.method };
  }
}

type Query = Readonly<Record<string, string>>;

function editQuery(query: Query, name: string, change: (typeof CHANGES)[number], text: string): Query {
  const value = query[name] ?? '';
  const rest = Object.fromEntries(Object.entries(query).filter(([key]) => key !== name));
  const values = {
    set: text,
    case: value.toUpperCase(),
    double: `${value},${value}`,
    append: value + text,
    encode: encodeURIComponent(`${value} `),
  };
  if (change === 'remove') return rest;
  if (change === 'rename') return { ...rest, [text]: value, [name.toUpperCase()]: value };
  return { ...rest, [name]: values[change] };
}

/** Characters over the border of two values: the signature is made over all of them joined without a separator. */
function shift(query: Query, from: string, to: string, count: number): Query {
  const value = query[from] ?? '';
  return { ...query, [from]: value.slice(0, -count), [to]: value.slice(-count) + (query[to] ?? '') };
}

function mix(
  request: CallbackRequest,
  part: 'query' | 'body' | 'joined' | 'name',
  name: string,
  other: CallbackRequest,
) {
  const { query, body } = request;
  if (part === 'query') return { ...request, query: other.query };
  if (part === 'body') return { ...request, body: other.body };
  if (part === 'joined') return { ...request, body: Buffer.concat([body, other.body]) };
  return { ...request, query: { ...query, [name]: other.query[name] ?? '' } };
}

function enlarge(request: CallbackRequest, part: 'query' | 'body' | 'headers', count: number): CallbackRequest {
  if (part === 'body') return { ...request, body: Buffer.concat([request.body, Buffer.alloc(count, ' ')]) };
  const many = Object.fromEntries(
    Array.from({ length: count % 200 }, (_, index) => [`n${index}`, 'x'.repeat(count % 300)]),
  );
  return { ...request, [part]: { ...request[part], ...many } };
}
