import * as fc from 'fast-check';
import { decryptMessage, encryptMessage, signCallback } from '../../../../local/dingtalk/callback-crypto.ts';
import { decrypt, encrypt, parseAesKey, sign } from '../../../../shared/platforms/dingtalk/callback-crypto.ts';
import { equalSecrets } from '../../../../shared/platforms/equal-secrets.ts';
import {
  AES_KEY,
  decryptBlocks,
  encryptBlocks,
  keyBytes,
  pad,
  plainOf,
  RANDOM,
  seal,
  signatureOf,
} from './sealed-callback.ts';

const KEY = keyBytes(AES_KEY);

/** Both are published samples: their signatures prove their bytes. */
const SAMPLES = {
  /** https://open.dingtalk.com/document/development/configure-stream-push */
  current: {
    aesKey: AES_KEY,
    timestamp: '1614767836',
    nonce: 'A7Co0cJLMzIDtMMI',
    encrypt: 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==',
    signature: '9a95a004dd16f5c307e849b994173f76aa26e5eb',
    opened: { message: 'success', ownerKey: 'dingsnotzck6pm5veliw' },
  },
  /** Of the older documentation; its key ends with spare bits too. */
  older: {
    aesKey: '4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij',
    timestamp: '1445827045067',
    nonce: 'nEXhMP4r',
    encrypt:
      '1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==',
    signature: '5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0',
    opened: {
      message: '{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}',
      ownerKey: 'suite4xxxxxxxxxxxxxxx',
    },
  },
};

describe.each(Object.entries(SAMPLES))('the %s published sample', (_, { aesKey, timestamp, nonce, ...sample }) => {
  test('has the published signature', () => {
    expect(sign('123456', timestamp, nonce, sample.encrypt)).toBe(sample.signature);
  });

  test('is decrypted to its message and its owner key', () => {
    expect(decrypt(sample.encrypt, keyBytes(aesKey))).toEqual(sample.opened);
  });

  test('is what encrypting its message gives', () => {
    const key = keyBytes(aesKey);
    const random = decryptBlocks(sample.encrypt, aesKey).subarray(0, 16);
    expect(encrypt(sample.opened.message, sample.opened.ownerKey, key, random)).toBe(sample.encrypt);
  });
});

test.each([
  ['the sample key, whose last character has spare bits set', AES_KEY],
  ['a key without spare bits', `${'A'.repeat(42)}E`],
  ['a key with + and /', `+/${'z9'.repeat(20)}A`],
])('%s is a key', (_, text) => {
  expect(parseAesKey(text)).toEqual(keyBytes(text));
});

test.each([
  ['nothing', ''],
  ['42 characters', AES_KEY.slice(1)],
  ['44 characters', `${AES_KEY}4`],
  ['the = that Base64 has behind it', `${AES_KEY}=`],
  ['a line break behind it', `${AES_KEY}\n`],
  ['the alphabet of URLs', `-_${AES_KEY.slice(2)}`],
  ['中文', `中${AES_KEY.slice(1)}`],
])('%s is no key', (_, text) => {
  expect(parseAesKey(text)).toBeUndefined();
});

describe('the signature', () => {
  test.each([
    ['digits before capitals before small letters', ['b', 'B', '1', '_'], '1016c6f1b5bdd517f2ecb761af6ada24bef32955'],
    ['equal parts', ['a', 'a', 'a', 'a'], '70c881d4a26984ddce795f6f71817c9cf4480e79'],
    ['empty parts', ['', '', '', ''], 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ])('sorts by code unit: %s', (_, parts, expected) => {
    const [token = '', timestamp = '', nonce = '', encrypted = ''] = parts;
    expect(sign(token, timestamp, nonce, encrypted)).toBe(expected);
  });

  test('is the one of two other implementations, whatever the parts', async () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 20 });
    await fc.assert(
      fc.property(part, part, part, part, (token, timestamp, nonce, encrypted) => {
        const ours = sign(token, timestamp, nonce, encrypted);
        expect(ours).toBe(signatureOf(token, timestamp, nonce, encrypted));
        expect(ours).toBe(signCallback({ token, timestamp, nonce, encrypt: encrypted }));
        expect(ours).toMatch(/^[0-9a-f]{40}$/);
      }),
    );
  });

  // Inherent in a signature over parts without separators: this is why a timestamp proves nothing here.
  test('is the same when timestamp and nonce change places', () => {
    expect(sign('token', '1767323045678', 'nonce', 'x')).toBe(sign('token', 'nonce', '1767323045678', 'x'));
  });
});

test.each([
  ['equal', 'a中🙂', 'a中🙂', true],
  ['different', 'abc', 'abd', false],
  ['of different lengths', 'abc', 'abcd', false],
  ['empty and not', '', 'a', false],
])('secrets that are %s', (_, a, b, equal) => {
  expect(equalSecrets(a, b)).toBe(equal);
});

describe.each([16, 32] as const)('a message padded to blocks of %i', (block) => {
  test.each(Array.from({ length: 33 }, (_, length) => length))('of %i bytes is decrypted', (length) => {
    const message = 'x'.repeat(length);
    expect(decrypt(seal({ message }, { block }), KEY)).toEqual({ message, ownerKey: 'dingapp' });
  });

  test('in any script comes back, from two other implementations', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    await fc.assert(
      fc.property(text, text, fc.uint8Array({ minLength: 16, maxLength: 16 }), (message, ownerKey, bytes) => {
        const random = Buffer.from(bytes);
        const expected = { message, ownerKey };
        expect(decrypt(seal({ message, ownerKey, random }, { block }), KEY)).toEqual(expected);
        const theirs = encryptMessage(message, { aesKey: AES_KEY, ownerKey }, { random, paddingBlockBytes: block });
        expect(decrypt(theirs, KEY)).toEqual(expected);
      }),
    );
  });
});

test('what we encrypt is what others encrypt, and they can open it', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 });
  await fc.assert(
    fc.property(text, text, (message, ownerKey) => {
      const ours = encrypt(message, ownerKey, KEY, RANDOM);
      expect(ours).toBe(seal({ message, ownerKey }));
      expect(decryptMessage(ours, { aesKey: AES_KEY, ownerKey })).toEqual({ message, ownerKey });
      expect(ours).not.toMatch(/\s/);
    }),
  );
});

const message = '{"EventType":"check_url"}';
const whole = (plain: Buffer) => Buffer.concat([plain, Buffer.alloc(-plain.length & 15)]);

test.each<[string, string]>([
  ['nothing', ''],
  ['what is not Base64', '!!!!'],
  ['中文 🙂', '中文 🙂'],
  ['blanks', ' \n\t '],
  ['less than a block', Buffer.alloc(15).toString('base64')],
  ['no whole blocks', Buffer.alloc(33).toString('base64')],
  ['a text cut in the middle of a block', seal({ message }).slice(0, -8)],
  ['a text cut between blocks', Buffer.from(seal({ message }), 'base64').subarray(0, 32).toString('base64')],
  ['another key', seal({ message }, { aesKey: `a${AES_KEY.slice(1)}` })],
  ['random bytes', Buffer.alloc(64, 0x5a).toString('base64')],
  ['a length of 4 GB', seal({ message, length: 0xffff_ffff })],
  ['a negative length, as a signed number', seal({ message, length: 0x8000_0000 })],
  ['a length of 1 GB', seal({ message, length: 0x4000_0000 })],
  ['a length one beyond the end', seal({ message, length: message.length + 'dingapp'.length + 1 })],
  ['a length in the other byte order', seal({ message, length: 0x1900_0000 })],
  ['a text without room for a length', encryptBlocks(pad(RANDOM.subarray(0, 12), 16))],
  ['a text that ends within the length', encryptBlocks(pad(Buffer.concat([RANDOM, Buffer.alloc(3)])))],
  ['nothing but padding', encryptBlocks(pad(Buffer.alloc(0)))],
  ['padding of 0', encryptBlocks(Buffer.concat([plainOf({ message }), Buffer.alloc(48)]).subarray(0, 64))],
  ['padding of 33', encryptBlocks(Buffer.alloc(64, 33))],
  ['padding of 255', encryptBlocks(Buffer.alloc(64, 255))],
  ['padding longer than the text', encryptBlocks(Buffer.alloc(16, 17))],
  [
    'padding whose bytes differ',
    encryptBlocks(Buffer.concat([whole(plainOf({ message })).subarray(0, -4), Buffer.from([4, 4, 3, 4])])),
  ],
])('%s is not decrypted', (_, encrypted) => {
  expect(decrypt(encrypted, KEY)).toBeUndefined();
});

test.each([
  [
    'up to the end leaves no owner key',
    message.length + 'dingapp'.length,
    { message: `${message}dingapp`, ownerKey: '' },
  ],
  ['of 0 leaves it all to the owner key', 0, { message: '', ownerKey: `${message}dingapp` }],
])('a length %s', (_, length, opened) => {
  expect(decrypt(seal({ message, length }), KEY)).toEqual(opened);
});

test('a length that cuts a character gives a text, not an error', () => {
  expect(decrypt(seal({ message: '入', ownerKey: '', length: 2 }), KEY)?.message).toBe('\ufffd');
});

test('no bytes at all, whatever they are, make decrypting throw', async () => {
  await fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String({ maxLength: 400 })), (text) => {
      decrypt(text, KEY);
    }),
    { numRuns: 500 },
  );
});
