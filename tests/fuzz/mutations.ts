import fc from 'fast-check';

/** Changes as plain data, so that a failing case can be printed, repeated and shrunk. Places count modulo the length. */
const place = fc.nat(100_000);
const snippet = fc.oneof(
  fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\\u0000', '\0', 'null', '1e999', '__proto__', '﻿', '🚀'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

export type ByteEdit =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'truncate'; at: number }
  | { kind: 'remove' | 'repeat'; at: number; length: number }
  | { kind: 'insert'; at: number; text: string }
  | { kind: 'swap'; at: number; other: number };

const kind = <K extends string>(value: K) => fc.constant(value);
export const byteEdit: fc.Arbitrary<ByteEdit> = fc.oneof(
  fc.record({ kind: kind('flip'), at: place, bit: fc.nat(7) }),
  fc.record({ kind: kind('truncate'), at: place }),
  fc.record({ kind: fc.constantFrom('remove', 'repeat'), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: kind('insert'), at: place, text: snippet }),
  fc.record({ kind: kind('swap'), at: place, other: place }),
);

export function editBytes(bytes: Buffer, edit: ByteEdit): Buffer {
  if (bytes.length === 0) return edit.kind === 'insert' ? Buffer.from(edit.text) : bytes;
  const at = edit.at % bytes.length;
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (edit.kind) {
    case 'flip':
      return Buffer.concat([head, Buffer.of((bytes[at] ?? 0) ^ (1 << edit.bit)), tail.subarray(1)]);
    case 'truncate':
      return head;
    case 'remove':
      return Buffer.concat([head, tail.subarray(edit.length)]);
    case 'repeat':
      return Buffer.concat([head, tail.subarray(0, edit.length), tail]);
    case 'insert':
      return Buffer.concat([head, Buffer.from(edit.text), tail]);
    case 'swap':
      return swapBytes(bytes, at, edit.other % bytes.length);
  }
}

function swapBytes(bytes: Buffer, a: number, b: number): Buffer {
  const swapped = Buffer.from(bytes);
  swapped[a] = bytes[b] ?? 0;
  swapped[b] = bytes[a] ?? 0;
  return swapped;
}

export const ENCODINGS = ['utf16le', 'latin1', 'base64', 'hex', 'bom', 'uri', 'blanks'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The same text in bytes that nobody asked for. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'bom') return Buffer.from(`﻿${text}`);
  if (encoding === 'uri') return Buffer.from(encodeURIComponent(Buffer.from(text).toString()));
  if (encoding === 'blanks') return Buffer.from(` \r\n\t${text}\n\n`);
  if (encoding === 'base64' || encoding === 'hex') return Buffer.from(Buffer.from(text).toString(encoding));
  return Buffer.from(text, encoding);
}

/** JSON that programs trip over; objects have `__proto__` as an own property, as JSON.parse makes them. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -0,
    1e308,
    Number.POSITIVE_INFINITY,
    [],
    {},
    true,
    '__proto__',
    '\u{d800}',
    '\0',
  ),
  fc.constantFrom('{"__proto__":{"x":1}}', '{"constructor":{"prototype":1}}', '{"length":-1}').map(parse),
  fc.integer({ min: 1, max: 3_000 }).map((levels) => parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)),
  fc.integer({ min: 1, max: 3_000 }).map((levels) => parse(`${'{"data":'.repeat(levels)}1${'}'.repeat(levels)}`)),
  fc.integer({ min: 1, max: 20_000 }).map((length) => '汉'.repeat(length)),
  fc.integer({ min: 1, max: 2_000 }).map((length) => Array.from({ length }, (_, index) => index)),
  fc
    .integer({ min: 1, max: 2_000 })
    .map((length) => Object.fromEntries(Array.from({ length }, (_, at) => [`k${at}`, at]))),
);

function parse(text: string): unknown {
  return JSON.parse(text);
}

export type JsonEdit =
  | { kind: 'replace'; at: number; value: unknown }
  | { kind: 'remove' | 'wrap' | 'text'; at: number }
  | { kind: 'append'; at: number; text: string }
  | { kind: 'rename'; at: number; name: string }
  | { kind: 'copy'; at: number; from: number };

const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'type', 'data', 'x'),
  fc.string({ maxLength: 6 }),
);
export const jsonEdit: fc.Arbitrary<JsonEdit> = fc.oneof(
  fc.record({ kind: kind('replace'), at: place, value: hostileJson }),
  fc.record({ kind: fc.constantFrom('remove', 'wrap', 'text'), at: place }),
  fc.record({ kind: kind('append'), at: place, text: snippet }),
  fc.record({ kind: kind('rename'), at: place, name }),
  fc.record({ kind: kind('copy'), at: place, from: place }),
);

/** The value with one of its members, at any depth, changed; the whole value where it has none. */
export function editJson(root: unknown, edit: JsonEdit): unknown {
  const places = placesOf(root);
  const at = edit.at % places.length;
  const from = edit.kind === 'copy' ? places[edit.from % places.length] : undefined;
  let seen = -1;
  const visit = (key: string, value: unknown, depth: number): [string, unknown][] => {
    seen += 1;
    if (seen === at) return editMember(key, value, edit, from);
    if (depth === MAX_DEPTH || typeof value !== 'object' || value === null) return [[key, value]];
    const members = Object.entries(value).flatMap(([name, member]) => visit(name, member, depth + 1));
    return [[key, Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members)]];
  };
  return visit('', root, 0)[0]?.[1];
}

const MAX_DEPTH = 12;

function placesOf(value: unknown, depth = 0): unknown[] {
  if (depth === MAX_DEPTH || typeof value !== 'object' || value === null) return [value];
  return [value, ...Object.values(value).flatMap((member) => placesOf(member, depth + 1))];
}

function editMember(key: string, value: unknown, edit: JsonEdit, from: unknown): [string, unknown][] {
  switch (edit.kind) {
    case 'replace':
      return [[key, edit.value]];
    case 'remove':
      return [];
    case 'wrap':
      return [[key, [value]]];
    case 'text':
      return [[key, JSON.stringify(value)]];
    case 'append':
      return [[key, typeof value === 'string' ? value + edit.text : value]];
    case 'rename':
      return [[edit.name, value]];
    case 'copy':
      return [[key, from]];
  }
}

/** Several changes, one after the other. */
export const editsOf = <T>(edit: fc.Arbitrary<T>, maxLength = 4) => fc.array(edit, { minLength: 1, maxLength });

/** In one case of ten. */
export const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

export const garbage: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text)),
  hostileJson.map((json) => Buffer.from(JSON.stringify(json))),
  fc.integer({ min: 1, max: 50_000 }).map((levels) => Buffer.from('[{"a":'.repeat(levels))),
);

/** The own member at this path of what JSON.parse made, read without any of the code under test. */
export function memberAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((at, key) => {
    const isMap = typeof at === 'object' && at !== null && !Array.isArray(at) && Object.hasOwn(at, key);
    return isMap ? new Map<string, unknown>(Object.entries(at)).get(key) : undefined;
  }, value);
}

export function tryJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
