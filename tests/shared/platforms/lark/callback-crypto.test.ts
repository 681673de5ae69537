import { AESCipher } from '@larksuiteoapi/node-sdk';
import * as fc from 'fast-check';
import { decrypt, sign } from '../../../../shared/platforms/lark/callback-crypto.ts';
import { ENCRYPT_KEY, encryptBlocks, IV, pad, seal, signatureOf } from './sealed-callback.ts';

const KEY = 'test key';

describe('published samples', () => {
  test('the encrypted one is decrypted', () => {
    expect(decrypt('P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=', KEY)).toBe('hello world');
  });

  test('the signed one has its signature', () => {
    expect(sign('fake-xx', '1626947018', '64607134', Buffer.from('{fake}'))).toBe(
      '7db78fdbc2fb617c46e713c3ec3f4b4658d94166682a80434fe557f23afcfd06',
    );
  });
});

/** What the official SDK makes of it; undefined where it throws. */
function theirs(encrypted: string, key: string): string | undefined {
  try {
    return new AESCipher(key).decrypt(encrypted);
  } catch {
    return undefined;
  }
}

describe('a message', () => {
  test.each(Array.from({ length: 33 }, (_, length) => length))('of %i bytes is decrypted', (length) => {
    expect(decrypt(seal('x'.repeat(length)), ENCRYPT_KEY)).toBe('x'.repeat(length));
  });

  test('in any script, under any key, comes back, and the official SDK reads the same', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    await fc.assert(
      fc.property(text, text, fc.uint8Array({ minLength: 16, maxLength: 16 }), (message, key, bytes) => {
        const encrypted = seal(message, key, Buffer.from(bytes));
        expect(decrypt(encrypted, key)).toBe(message);
        expect(theirs(encrypted, key)).toBe(message);
      }),
    );
  });

  test('that was changed anywhere reads as the official SDK reads it: only the signature protects', () => {
    const encrypted = Buffer.from(seal('{"type":"event_callback","token":"t","event":{}}', KEY), 'base64');
    for (let at = 0; at < encrypted.length; at += 1) {
      const changed = Buffer.from(encrypted);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      const text = changed.toString('base64');
      expect(decrypt(text, KEY)).toBe(theirs(text, KEY));
    }
  });
});

test.each<[string, string]>([
  ['nothing', ''],
  ['what is not Base64', '!!!!'],
  ['中文 🙂', '中文 🙂'],
  ['less than a block', Buffer.alloc(15).toString('base64')],
  ['an IV and nothing behind it', IV.toString('base64')],
  ['no whole blocks', Buffer.alloc(33).toString('base64')],
  ['a text cut in the middle of a block', seal('hello').slice(0, -8)],
  [
    'a text cut between blocks',
    Buffer.from(seal('x'.repeat(40)), 'base64')
      .subarray(0, 32)
      .toString('base64'),
  ],
  ['another key', seal('{"a":1}', 'another')],
  ['random bytes', Buffer.alloc(64, 0x5a).toString('base64')],
  ['padding of 0', encryptBlocks(Buffer.alloc(32))],
  ['padding of 17', encryptBlocks(Buffer.alloc(32, 17))],
  ['padding of 255', encryptBlocks(Buffer.alloc(32, 255))],
  ['padding whose bytes differ', encryptBlocks(Buffer.from('hello world\x05\x05\x04\x05\x05', 'latin1'))],
])('%s is not decrypted', (_, encrypted) => {
  expect(decrypt(encrypted, ENCRYPT_KEY)).toBeUndefined();
});

test('nothing but padding is the empty message', () => {
  expect(decrypt(encryptBlocks(pad(Buffer.alloc(0))), ENCRYPT_KEY)).toBe('');
});

test('no bytes at all, whatever they are, make decrypting throw', async () => {
  await fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.base64String({ maxLength: 400 })),
      fc.string(),
      (text, key) => {
        decrypt(text, key);
      },
    ),
    { numRuns: 500 },
  );
});

describe('the signature', () => {
  test('is lower-case hex over the very bytes of the body', async () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 20 });
    await fc.assert(
      fc.property(part, part, part, fc.uint8Array({ maxLength: 200 }), (key, timestamp, nonce, bytes) => {
        const ours = sign(key, timestamp, nonce, Buffer.from(bytes));
        expect(ours).toBe(signatureOf(key, timestamp, nonce, Buffer.from(bytes)));
        expect(ours).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  // Inherent in a signature over parts without separators: this is why a timestamp proves nothing here.
  test('is the same when timestamp and nonce share their digits otherwise', () => {
    const body = Buffer.from('{}');
    expect(sign('key', '1767323045', '64607134', body)).toBe(sign('key', '17673230456', '4607134', body));
  });
});
