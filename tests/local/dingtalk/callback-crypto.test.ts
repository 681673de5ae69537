import * as fc from 'fast-check';
import { decryptMessage, encryptMessage, signCallback } from '../../../local/dingtalk/callback-crypto.ts';

const KEY = { aesKey: '1234567890123456789012345678901234567890123', ownerKey: 'dingapp' };
/** https://open.dingtalk.com/document/development/configure-stream-push */
const SAMPLE = 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==';

describe('the official sample', () => {
  test('is decrypted to success and the owner key', () => {
    expect(decryptMessage(SAMPLE, KEY)).toEqual({ message: 'success', ownerKey: 'dingsnotzck6pm5veliw' });
  });

  test('has the published signature', () => {
    const parts = { token: '123456', timestamp: '1614767836', nonce: 'A7Co0cJLMzIDtMMI', encrypt: SAMPLE };
    expect(signCallback(parts)).toBe('9a95a004dd16f5c307e849b994173f76aa26e5eb');
  });

  test('of the older page has the published signature', () => {
    const encrypt =
      '1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==';
    const parts = { token: '123456', timestamp: '1445827045067', nonce: 'nEXhMP4r', encrypt };
    expect(signCallback(parts)).toBe('5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0');
  });
});

describe.each([16, 32] as const)('with padding to %i bytes', (paddingBlockBytes) => {
  test('any text comes back, and the encrypted bytes are whole blocks', async () => {
    await fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (text, random) => {
        const encrypted = encryptMessage(text, KEY, { random: Buffer.from(random), paddingBlockBytes });
        expect(Buffer.from(encrypted, 'base64').length % paddingBlockBytes).toBe(0);
        expect(decryptMessage(encrypted, KEY)).toEqual({ message: Buffer.from(text).toString(), ownerKey: 'dingapp' });
      }),
    );
  });
});

test('中文 and an emoji are counted in bytes', () => {
  const encrypted = encryptMessage('入职 🙂', KEY, { random: Buffer.alloc(16), paddingBlockBytes: 32 });
  expect(decryptMessage(encrypted, KEY)).toEqual({ message: '入职 🙂', ownerKey: 'dingapp' });
});

test.each([
  ['an empty text', ''],
  ['no whole block', Buffer.alloc(33).toString('base64')],
  ['one block only', Buffer.alloc(16).toString('base64')],
  ['blocks that were never encrypted', Buffer.alloc(64).toString('base64')],
])('%s is not decrypted', (_name, encrypted) => {
  expect(decryptMessage(encrypted, KEY)).toBeUndefined();
});
