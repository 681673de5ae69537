import * as fc from 'fast-check';
import { type CallbackConfig, openCallback } from '../../../../shared/platforms/lark/open-callback.ts';
import type { CallbackRequest } from '../../../../shared/platforms/platform.ts';
import {
  APPROVED,
  CHALLENGE,
  callback,
  ENCRYPT_KEY,
  encryptBlocks,
  flipBit,
  plainCallback,
  post,
  seal,
  signatureOf,
  TOKEN,
  unsigned,
} from './sealed-callback.ts';

/** Whatever is wrong, the sender gets these bytes and learns nothing. */
const REJECTED = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"the callback could not be verified"}',
};
const CONFIG: CallbackConfig = { encryptKey: ENCRYPT_KEY, verificationToken: TOKEN };
const PLAIN: CallbackConfig = { encryptKey: '', verificationToken: TOKEN };
const open = (request: CallbackRequest, config: Partial<CallbackConfig> = {}) =>
  openCallback(request, { ...CONFIG, ...config });

const genuine = callback(APPROVED);
const message = JSON.stringify(APPROVED);
const encrypted = seal(message);
const changed = (part: Partial<CallbackRequest>): CallbackRequest => ({ ...genuine, ...part });
const header = (part: Record<string, string | undefined>) =>
  post(genuine.body, {
    headers: Object.fromEntries(Object.entries(part).map(([name, value]) => [`x-lark-${name}`, value])),
  });
const many = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, value]));

const METHOD = (method: string) => `method ${method} instead of POST`;
const MISSING = 'signature, timestamp or nonce is missing from the headers';
const ENVELOPE = 'the body is not {"encrypt": "…"} in JSON';
const SIGNATURE = 'wrong signature';
const DECRYPT = 'the message does not decrypt with this encrypt key';
const WRONG_TOKEN = 'wrong verification token';
const right = genuine.headers['x-lark-signature'] ?? '';

test('the callback that all of this starts from is genuine', () => {
  expect(open(genuine).kind).toBe('event');
});

test.each<[string, CallbackRequest, string]>([
  ['GET', changed({ method: 'GET' }), METHOD('GET')],
  ['PUT', changed({ method: 'PUT' }), METHOD('PUT')],
  ['no method', changed({ method: '' }), METHOD('')],
  ['a method without end', changed({ method: 'X'.repeat(1_000) }), METHOD('X'.repeat(16))],

  ['no signature', header({ signature: undefined }), MISSING],
  ['no timestamp', header({ 'request-timestamp': undefined }), MISSING],
  ['no nonce', header({ 'request-nonce': undefined }), MISSING],
  ['no headers', changed({ headers: {} }), MISSING],
  ['the headers in the query', changed({ headers: {}, query: genuine.headers }), MISSING],
  ['an empty signature', header({ signature: '' }), SIGNATURE],
  ['another signature', header({ signature: '0'.repeat(64) }), SIGNATURE],
  ['the signature twice, joined', header({ signature: `${right}, ${right}` }), SIGNATURE],
  ['the signature in capitals, as one sample prints it', header({ signature: right.toUpperCase() }), SIGNATURE],
  ['a blank behind the signature', header({ signature: `${right} ` }), SIGNATURE],
  ['another timestamp', header({ 'request-timestamp': '1767323046' }), SIGNATURE],
  ['another nonce', header({ 'request-nonce': '64607135' }), SIGNATURE],
  ['a signature with another key', { ...genuine, headers: callback(APPROVED, { encryptKey: 'x' }).headers }, SIGNATURE],
  [
    'a signature with the token in place of the key',
    header({ signature: signatureOf(TOKEN, '1767323045', '64607134', genuine.body) }),
    SIGNATURE,
  ],
  [
    'a signature over the decrypted message',
    header({ signature: signatureOf(ENCRYPT_KEY, '1767323045', '64607134', message) }),
    SIGNATURE,
  ],
  ['a blank more in the body', changed({ body: Buffer.concat([genuine.body, Buffer.from(' ')]) }), SIGNATURE],
  ['the genuine body under another’s signature', changed({ headers: callback(CHALLENGE).headers }), SIGNATURE],

  ['no body', post(''), ENVELOPE],
  ['half a body', post('{"encrypt":"'), ENVELOPE],
  ['HTML', post('<html>登录</html>'), ENVELOPE],
  ['the encrypted text alone', post(encrypted), ENVELOPE],
  ['a JSON text', post(JSON.stringify(encrypted)), ENVELOPE],
  ['a list', post(JSON.stringify([{ encrypt: encrypted }])), ENVELOPE],
  ['null', post('null'), ENVELOPE],
  ['a number', post('{"encrypt":5}'), ENVELOPE],
  ['an object', post(JSON.stringify({ encrypt: { toString: encrypted } })), ENVELOPE],
  ['another name', post(JSON.stringify({ Encrypt: encrypted })), ENVELOPE],
  ['an inherited name', post(`{"__proto__":{"encrypt":"${encrypted}"}}`), ENVELOPE],
  ['deep JSON', post('['.repeat(60_000)), ENVELOPE],
  ['deep JSON that is closed', post(`${'['.repeat(30_000)}${']'.repeat(30_000)}`), ENVELOPE],
  ['bytes that are no UTF-8', post(Buffer.alloc(100, 0xff)), ENVELOPE],
  ['UTF-16', post(Buffer.from(JSON.stringify({ encrypt: encrypted }), 'utf16le')), ENVELOPE],
  ['a genuine event in clear, unsigned', plainCallback(APPROVED), ENVELOPE],
  ['a genuine event in clear, signed', post(message), ENVELOPE],
  ['a check of the URL in clear', plainCallback(CHALLENGE), ENVELOPE],
  ['a genuine event, encrypted and unsigned', unsigned(genuine), MISSING],
  ['64 KB and one byte', post(genuine.body.toString().padEnd(65_537)), 'body of 65537 bytes, at most 65536'],

  ['signed, but nothing to decrypt', post('{"encrypt":""}'), DECRYPT],
  ['signed, but not Base64', post('{"encrypt":"不是 Base64 🙂"}'), DECRYPT],
  ['signed, but no whole blocks', post(JSON.stringify({ encrypt: Buffer.alloc(33).toString('base64') })), DECRYPT],
  ['signed, but encrypted with another key', post(JSON.stringify({ encrypt: seal(message, 'x') })), DECRYPT],
  ['no padding', post(JSON.stringify({ encrypt: encryptBlocks(Buffer.alloc(64)) })), DECRYPT],

  ['another token', callback({ ...APPROVED, token: 'v-token-2' }), WRONG_TOKEN],
  ['no token', callback({ ...APPROVED, token: undefined }), WRONG_TOKEN],
  ['an empty token', callback({ ...APPROVED, token: '' }), WRONG_TOKEN],
  ['a token that is a list', callback({ ...APPROVED, token: [TOKEN] }), WRONG_TOKEN],
  [
    'the token in the event',
    callback({ ...APPROVED, token: 'x', event: { ...APPROVED.event, token: TOKEN } }),
    WRONG_TOKEN,
  ],
  ['another token in the header', callback({ ...APPROVED, schema: '2.0', header: { token: 'x' } }), WRONG_TOKEN],
  ['another token in a check of the URL', unsigned(callback({ ...CHALLENGE, token: 'x' })), WRONG_TOKEN],
  ['a message that is no JSON', callback('中文 👋'), WRONG_TOKEN],
  ['a message that is a list', callback(JSON.stringify([APPROVED])), WRONG_TOKEN],
  ['deep JSON inside', callback('['.repeat(20_000)), WRONG_TOKEN],
  ['an event that calls itself a check', unsigned(callback({ ...APPROVED, type: 'url_verification' })), MISSING],
])('%s is rejected', (_, request, reason) => {
  expect(open(request)).toEqual({ kind: 'rejected', reason, reply: REJECTED });
});

test.each<[string, CallbackRequest, string]>([
  ['another token', plainCallback({ ...APPROVED, token: 'x' }), WRONG_TOKEN],
  ['another token in a check of the URL', plainCallback({ ...CHALLENGE, token: 'x' }), WRONG_TOKEN],
  ['an encrypted body', genuine, 'the body is encrypted, and no encrypt key is configured'],
  [
    'an event in clear beside an encrypted one',
    plainCallback({ ...APPROVED, encrypt: encrypted }),
    'the body is encrypted, and no encrypt key is configured',
  ],
  ['no JSON', plainCallback('<html>'), WRONG_TOKEN],
  ['GET', { ...plainCallback(APPROVED), method: 'GET' }, METHOD('GET')],
])('without an encrypt key %s is rejected', (_, request, reason) => {
  expect(open(request, PLAIN)).toEqual({ kind: 'rejected', reason, reply: REJECTED });
});

test('with neither key nor token configured nothing is accepted', () => {
  const config = { encryptKey: '', verificationToken: '' };
  const reason = 'neither encrypt key nor verification token is configured';
  for (const request of [
    genuine,
    plainCallback({ ...APPROVED, token: '' }),
    plainCallback({ ...CHALLENGE, token: '' }),
  ])
    expect(open(request, config)).toEqual({ kind: 'rejected', reason, reply: REJECTED });
});

test.each([
  ['a body of 64 KB and one byte', changed({ body: Buffer.alloc(65_537) }), /^body of/],
  ['33 query values', changed({ query: many(33, 'v') }), /^33 query values, at most 32$/],
  ['65 headers', changed({ headers: many(65, 'v') }), /^65 headers, at most 64$/],
  ['a header of more than 8 KB', changed({ headers: { cookie: '中'.repeat(2_731) } }), /^an overlong header$/],
])('%s is turned away before anything is parsed or computed', (_, request, reason) => {
  const outcome = open({ ...request, method: 'GET' }, { encryptKey: '', verificationToken: '' });
  expect(outcome.kind === 'rejected' && outcome.reason).toMatch(reason);
});

describe('one flipped bit', () => {
  const flippedText = (text: string, bit: number) => flipBit(Buffer.from(text), bit).toString();
  const expectRejected = (request: CallbackRequest, config = {}) =>
    expect(open(request, config)).toMatchObject({ kind: 'rejected', reply: REJECTED });

  test('anywhere in the body is rejected', () => {
    for (let bit = 0; bit < 8 * genuine.body.length; bit += 1)
      expectRejected(changed({ body: flipBit(genuine.body, bit) }));
  });

  test.each(['x-lark-signature', 'x-lark-request-timestamp', 'x-lark-request-nonce'])('in %s is rejected', (name) => {
    const value = genuine.headers[name] ?? '';
    for (let bit = 0; bit < 8 * value.length; bit += 1)
      expectRejected(changed({ headers: { ...genuine.headers, [name]: flippedText(value, bit) } }));
  });

  test('in the encrypt key is rejected', () => {
    for (let bit = 0; bit < 8 * Buffer.byteLength(ENCRYPT_KEY); bit += 1)
      expectRejected(genuine, { encryptKey: flippedText(ENCRYPT_KEY, bit) });
  });

  test('in the token is rejected, encrypted or not', () => {
    for (let bit = 0; bit < 8 * TOKEN.length; bit += 1) {
      const verificationToken = flippedText(TOKEN, bit);
      expectRejected(genuine, { verificationToken });
      expectRejected(plainCallback(APPROVED), { encryptKey: '', verificationToken });
    }
  });

  test('in the encrypted text makes no event of it, even where the signature fits', () => {
    const bytes = Buffer.from(encrypted, 'base64');
    for (let bit = 0; bit < 128; bit += 1) {
      const body = JSON.stringify({ encrypt: flipBit(bytes, bit).toString('base64') });
      expect(open(unsigned(post(body))).kind).toBe('rejected');
    }
  });
});

test('nothing that is not signed with the key is accepted, and nothing makes it throw', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  await fc.assert(
    fc.property(fc.dictionary(text, text), fc.oneof(text, fc.json()), (headers, content) => {
      const request = { method: 'POST', query: {}, headers, body: Buffer.from(content) };
      expect(open(request)).toMatchObject({ kind: 'rejected', reply: REJECTED });
      expect(open(request, PLAIN)).toMatchObject({ kind: 'rejected', reply: REJECTED });
      expect(open(callback(message, { encryptKey: content }))).toMatchObject({ kind: 'rejected', reply: REJECTED });
    }),
    { numRuns: 100 },
  );
});

test('whatever stands in a signed envelope, opening it does not throw', async () => {
  const noToken = { verificationToken: '' };
  await fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (content) => {
      expect(open(callback(content), noToken).kind).toBe('ignored');
      expect(open(post(content)).kind).toBe('rejected');
    }),
    { numRuns: 300 },
  );
});
