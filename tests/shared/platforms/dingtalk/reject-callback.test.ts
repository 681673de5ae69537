import * as fc from 'fast-check';
import type { CallbackRequest } from '../../../../shared/platforms/platform.ts';
import { CONFIG, open } from './open-sample.ts';
import {
  APPROVED,
  callback,
  encryptBlocks,
  flipBit,
  flipKeyBit,
  pad,
  plainOf,
  post,
  seal,
  signatureOf,
} from './sealed-callback.ts';

/** Whatever is wrong, the sender gets these bytes and learns nothing. */
const REJECTED = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"the callback could not be verified"}',
};

const genuine = callback(APPROVED);
const message = JSON.stringify(APPROVED);
const encrypted = seal({ message });
const changed = (part: Partial<CallbackRequest>): CallbackRequest => ({ ...genuine, ...part });
const query = (part: Record<string, string>) => changed({ query: { ...genuine.query, ...part } });
const without = (...names: string[]) =>
  changed({ query: Object.fromEntries(Object.entries(genuine.query).filter(([name]) => !names.includes(name))) });
const body = (text: string | Buffer) => post(encrypted, { body: text });

const many = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, value]));

const METHOD = (method: string) => `method ${method} instead of POST`;
const MISSING = 'signature, timestamp or nonce is missing from the query';
const OVERLONG = 'an overlong query value';
const DIFFER = 'two signatures that differ';
const ENVELOPE = 'the body is not {"encrypt": "…"} in JSON';
const SIGNATURE = 'wrong signature';
const DECRYPT = 'the message does not decrypt with this AES key';
const OWNER = 'the owner key behind the message is not a configured one';

test('the callback that all of this starts from is genuine', () => {
  expect(open(genuine).kind).toBe('event');
});

test.each<[string, CallbackRequest, string]>([
  ['GET', changed({ method: 'GET' }), METHOD('GET')],
  ['HEAD', changed({ method: 'HEAD' }), METHOD('HEAD')],
  ['PUT', changed({ method: 'PUT' }), METHOD('PUT')],
  ['OPTIONS', changed({ method: 'OPTIONS' }), METHOD('OPTIONS')],
  ['no method', changed({ method: '' }), METHOD('')],
  ['a method without end', changed({ method: 'X'.repeat(1_000) }), METHOD('X'.repeat(16))],

  ['no signature', without('signature', 'msg_signature'), MISSING],
  ['no timestamp', without('timestamp'), MISSING],
  ['no nonce', without('nonce'), MISSING],
  ['no query', changed({ query: {} }), MISSING],
  ['an empty signature', query({ signature: '', msg_signature: '' }), SIGNATURE],
  ['another signature', query({ signature: '0'.repeat(40), msg_signature: '0'.repeat(40) }), SIGNATURE],
  ['signature wrong, msg_signature right', query({ signature: '0'.repeat(40) }), DIFFER],
  ['msg_signature wrong, signature right', query({ msg_signature: '0'.repeat(40) }), DIFFER],
  ['an empty signature beside the right one', query({ signature: '' }), DIFFER],
  [
    'the signature twice, joined',
    query({ msg_signature: `${genuine.query['signature']},${genuine.query['signature']}` }),
    DIFFER,
  ],
  [
    'the signature in capitals',
    post(encrypted, { query: ({ signature, ...rest }) => ({ ...rest, signature: signature.toUpperCase() }) }),
    SIGNATURE,
  ],
  [
    'a blank behind the signature',
    post(encrypted, { query: ({ signature, ...rest }) => ({ ...rest, signature: `${signature} ` }) }),
    SIGNATURE,
  ],
  ['a signature with another token', callback(APPROVED, { token: 'token124' }), SIGNATURE],
  ['a signature with no token', callback(APPROVED, { token: '' }), SIGNATURE],
  ['another timestamp', query({ timestamp: '1767323045679' }), SIGNATURE],
  ['another nonce', query({ nonce: 'nonce2' }), SIGNATURE],
  [
    'timestamp wins over timeStamp',
    post(encrypted, { query: ({ timestamp, ...rest }) => ({ ...rest, timestamp: '1', timeStamp: timestamp }) }),
    SIGNATURE,
  ],
  ['the signature of an answer of ours', post(encrypted, { body: open(genuine).reply.body }), SIGNATURE],
  ['an overlong timestamp', callback(APPROVED, { timestamp: '1'.repeat(129) }), OVERLONG],
  ['an overlong nonce', callback(APPROVED, { nonce: 'n'.repeat(129) }), OVERLONG],
  ['an overlong signature', query({ msg_signature: 'f'.repeat(129), signature: 'f'.repeat(129) }), OVERLONG],

  ['no body', body(''), ENVELOPE],
  ['half a body', body('{"encrypt":"'), ENVELOPE],
  ['HTML', body('<html>登录</html>'), ENVELOPE],
  ['a form', body(`encrypt=${encodeURIComponent(encrypted)}`), ENVELOPE],
  ['the encrypted text alone', body(encrypted), ENVELOPE],
  ['a JSON text', body(JSON.stringify(encrypted)), ENVELOPE],
  ['a list', body(JSON.stringify([{ encrypt: encrypted }])), ENVELOPE],
  ['null', body('null'), ENVELOPE],
  ['a number', body('{"encrypt":5}'), ENVELOPE],
  ['a list of texts', body(JSON.stringify({ encrypt: [encrypted] })), ENVELOPE],
  ['an object', body(JSON.stringify({ encrypt: { toString: encrypted } })), ENVELOPE],
  ['nothing to decrypt', body('{"encrypt":null}'), ENVELOPE],
  ['another name', body(JSON.stringify({ Encrypt: encrypted })), ENVELOPE],
  [
    'an inherited name',
    body(JSON.stringify({ x: 1 }).replace('"x":1', `"__proto__":{"encrypt":"${encrypted}"}`)),
    ENVELOPE,
  ],
  ['deep JSON', body('['.repeat(60_000)), ENVELOPE],
  ['deep JSON that is closed', body(`${'['.repeat(30_000)}${']'.repeat(30_000)}`), ENVELOPE],
  ['deep JSON as the encrypted text', body(`{"encrypt":${'['.repeat(30_000)}${']'.repeat(30_000)}}`), ENVELOPE],
  ['bytes that are no UTF-8', body(Buffer.alloc(100, 0xff)), ENVELOPE],
  ['UTF-16', body(Buffer.from(JSON.stringify({ encrypt: encrypted }), 'utf16le')), ENVELOPE],
  ['the message in clear', body(message), ENVELOPE],
  ['the encrypted text twice, another one last', body(`{"encrypt":"${encrypted}","encrypt":"x"}`), SIGNATURE],
  ['blanks in the encrypted text', body(JSON.stringify({ encrypt: ` ${encrypted}` })), SIGNATURE],
  [
    '64 KB and one byte, whatever is in it',
    body(JSON.stringify({ encrypt: encrypted }).padEnd(65_537)),
    'body of 65537 bytes, at most 65536',
  ],
  [
    '32 MB, the most that Function Compute takes',
    body(Buffer.alloc(33_554_432)),
    'body of 33554432 bytes, at most 65536',
  ],

  ['signed, but nothing to decrypt', post(''), DECRYPT],
  ['signed, but not Base64', post('不是 Base64 🙂'), DECRYPT],
  ['signed, but no whole blocks', post(Buffer.alloc(33).toString('base64')), DECRYPT],
  ['signed, but never encrypted', post(Buffer.from(pad(plainOf({ message }))).toString('base64')), DECRYPT],
  [
    'signed, but encrypted with another key',
    post(seal({ message }, { aesKey: `a${CONFIG.aesKey.slice(1)}` })),
    DECRYPT,
  ],
  ['a length of 4 GB', post(seal({ message, length: 0xffff_ffff })), DECRYPT],
  ['a length one beyond the end', post(seal({ message, length: Buffer.byteLength(message) + 8 })), DECRYPT],
  ['no padding', post(encryptBlocks(Buffer.alloc(64))), DECRYPT],
  ['nothing but padding', post(encryptBlocks(pad(Buffer.alloc(0)))), DECRYPT],

  ['an unknown owner key', callback(APPROVED, { ownerKey: 'dingother' }), OWNER],
  ['no owner key', callback(APPROVED, { ownerKey: '' }), OWNER],
  ['the owner key in capitals', callback(APPROVED, { ownerKey: 'DINGAPP' }), OWNER],
  ['the beginning of an owner key', callback(APPROVED, { ownerKey: 'dingap' }), OWNER],
  ['more than an owner key', callback(APPROVED, { ownerKey: 'dingapp\0' }), OWNER],
  ['two owner keys', callback(APPROVED, { ownerKey: 'dingappdingcorp' }), OWNER],
  ['the owner keys as configured, with a comma', callback(APPROVED, { ownerKey: 'dingapp,dingcorp' }), OWNER],
  ['a length that is short of the message', post(seal({ message, length: 10 })), OWNER],
  ['a length that takes the owner key in', post(seal({ message, length: Buffer.byteLength(message) + 7 })), OWNER],
])('%s is rejected', (_, request, reason) => {
  expect(open(request)).toEqual({ kind: 'rejected', reason, reply: REJECTED });
});

test.each([
  ['no token', { token: '' }],
  ['no AES key', { aesKey: '' }],
  ['an AES key of 42 characters', { aesKey: CONFIG.aesKey.slice(1) }],
  ['no owner key', { ownerKeys: [] }],
])('with %s configured nothing is accepted', (_, config) => {
  const reason = 'token, AES key or owner key is not configured';
  expect(open(genuine, config)).toEqual({ kind: 'rejected', reason, reply: REJECTED });
  expect(open(callback(APPROVED, { token: '' }), config).kind).toBe('rejected');
});

test.each([
  ['a body of 64 KB and one byte', body(Buffer.alloc(65_537)), /^body of/],
  ['a GET', changed({ method: 'GET', query: {} }), /^method/],
  ['33 query values', changed({ query: many(33, 'v') }), /^33 query values, at most 32$/],
  ['a query name without end', query({ ['名'.repeat(43)]: 'v' }), /^an overlong query value$/],
  ['65 headers', changed({ headers: many(65, 'v') }), /^65 headers, at most 64$/],
  ['a header of more than 8 KB', changed({ headers: { cookie: '中'.repeat(2_731) } }), /^an overlong header$/],
  ['an overlong nonce', callback(APPROVED, { nonce: 'n'.repeat(129), body: '' }), /^an overlong/],
])('%s is turned away before anything is parsed or computed', (_, request, reason) => {
  const outcome = open(request);
  expect(outcome.kind === 'rejected' && outcome.reason).toMatch(reason);
});

test('a callback that is as large as it may be is opened', () => {
  const large = changed({
    query: { ...many(28, 'v'.repeat(128)), ...genuine.query },
    headers: many(64, 'v'.repeat(8_192)),
    body: Buffer.from(genuine.body.toString().padEnd(65_536)),
  });
  expect(open(large).kind).toBe('event');
});

describe('one flipped bit', () => {
  const bitOf = (bytes: Buffer) => fc.nat({ max: 8 * bytes.length - 1 });
  const flippedText = (text: string, bit: number) => flipBit(Buffer.from(text), bit).toString();
  const expectRejected = (request: CallbackRequest, config = {}) =>
    expect(open(request, config)).toMatchObject({ kind: 'rejected', reply: REJECTED });

  test('in the body is rejected', async () => {
    await fc.assert(
      fc.property(bitOf(genuine.body), (bit) => expectRejected(changed({ body: flipBit(genuine.body, bit) }))),
      { numRuns: 500 },
    );
  });

  test.each(['signature', 'msg_signature', 'timestamp', 'nonce'])('in %s is rejected', (name) => {
    const value = genuine.query[name] ?? '';
    for (let bit = 0; bit < 8 * value.length; bit += 1) expectRejected(query({ [name]: flippedText(value, bit) }));
  });

  test('in both signatures at once is rejected', () => {
    const signature = genuine.query['signature'] ?? '';
    for (let bit = 0; bit < 8 * signature.length; bit += 1) {
      const flipped = flippedText(signature, bit);
      expectRejected(query({ signature: flipped, msg_signature: flipped }));
    }
  });

  test('in the token is rejected', () => {
    for (let bit = 0; bit < 8 * CONFIG.token.length; bit += 1)
      expectRejected(genuine, { token: flippedText(CONFIG.token, bit) });
  });

  test('in the AES key is rejected', () => {
    for (let bit = 0; bit < 256; bit += 1) expectRejected(genuine, { aesKey: flipKeyBit(CONFIG.aesKey, bit) });
  });

  test('in every owner key is rejected', () => {
    for (let bit = 0; bit < 56; bit += 1) expectRejected(genuine, { ownerKeys: [flippedText('dingapp', bit)] });
  });
});

test('nothing that is not signed with the token is accepted, and nothing makes it throw', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  await fc.assert(
    fc.property(fc.dictionary(text, text), fc.oneof(text, fc.json()), (parameters, content) => {
      const request = { method: 'POST', query: parameters, headers: {}, body: Buffer.from(content) };
      expect(open(request)).toMatchObject({ kind: 'rejected', reply: REJECTED });
      const signed = { signature: signatureOf('token', '1', 'n', content), timestamp: '1', nonce: 'n' };
      const envelope = Buffer.from(JSON.stringify({ encrypt: content }));
      expect(open({ ...request, query: signed, body: envelope })).toMatchObject({ reason: SIGNATURE, reply: REJECTED });
    }),
    { numRuns: 100 },
  );
});

test('whatever stands in a signed envelope, opening it does not throw', async () => {
  await fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (content) => {
      expect(open(callback(content)).kind).toBe('ignored');
      expect(open(post(content))).toMatchObject({ kind: 'rejected', reason: DECRYPT, reply: REJECTED });
    }),
    { numRuns: 300 },
  );
});
