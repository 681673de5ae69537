import { AESCipher } from '@larksuiteoapi/node-sdk';
import * as fc from 'fast-check';
import { encryptEvent, signEvent } from '../../../local/lark/event-crypto.ts';

test('the published sample is what its IV and key make of hello world', () => {
  const sample = 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=';
  const iv = Buffer.from(sample, 'base64').subarray(0, 16);
  expect(encryptEvent('hello world', 'test key', iv)).toBe(sample);
});

test('a public sample of the signature is met', () => {
  const body = Buffer.from('{fake}');
  expect(signEvent({ timestamp: '1626947018', nonce: '64607134', encryptKey: 'fake-xx', body })).toBe(
    '7db78fdbc2fb617c46e713c3ec3f4b4658d94166682a80434fe557f23afcfd06',
  );
});

test('the official SDK decrypts any text', async () => {
  await fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ minLength: 1 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (text, key, iv) => {
        const decrypted = new AESCipher(key).decrypt(encryptEvent(text, key, Buffer.from(iv)));
        expect(decrypted).toBe(Buffer.from(text).toString());
      },
    ),
  );
});

test('中文 and emoji are bytes in the signature', () => {
  const parts = { timestamp: '1', nonce: '2', encryptKey: '密钥' };
  const signature = signEvent({ ...parts, body: Buffer.from('{"a":"🙂"}') });
  expect(signature).toBe('75b2774209f47013e7b03cc47142cf67d96733ec9c51b3a34a64fb60a3a4c69e');
});
