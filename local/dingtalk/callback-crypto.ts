import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/**
 * The sending side of the callback encryption, written on its own so that it can prove the receiving side:
 * https://open.dingtalk.com/document/development/callback-event-message-body-encryption-and-decryption
 */
export interface CallbackKey {
  /** 43 characters; with a `=` behind it the Base64 of the 32-byte AES key. */
  aesKey: string;
  ownerKey: string;
}

/** 32 is documented and used by most official libraries; the Go and Rust ones pad to 16. */
export type PaddingBlockBytes = 16 | 32;

export function encryptMessage(
  message: string,
  key: CallbackKey,
  options: { random: Buffer; paddingBlockBytes: PaddingBlockBytes },
): string {
  const bytes = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const plain = Buffer.concat([options.random, length, bytes, Buffer.from(key.ownerKey)]);
  const pad = options.paddingBlockBytes - (plain.length % options.paddingBlockBytes);
  const { secret, iv } = aesOf(key);
  const cipher = createCipheriv('aes-256-cbc', secret, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

/** Undoes `encryptMessage` for either padding; undefined for anything that cannot be such a text. */
export function decryptMessage(encrypted: string, key: CallbackKey): { message: string; ownerKey: string } | undefined {
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length < 32 || bytes.length % 16 !== 0) return undefined;
  const { secret, iv } = aesOf(key);
  const decipher = createDecipheriv('aes-256-cbc', secret, iv).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > 32) return undefined;
  const plain = padded.subarray(0, padded.length - pad);
  if (plain.length < 20) return undefined;
  const end = 20 + plain.readUInt32BE(16);
  if (end > plain.length) return undefined;
  return { message: plain.toString('utf8', 20, end), ownerKey: plain.toString('utf8', end) };
}

/** Hex SHA-1 over the four texts in code-unit order, joined without a separator. */
export function signCallback(parts: { token: string; timestamp: string; nonce: string; encrypt: string }): string {
  const sorted = [parts.token, parts.timestamp, parts.nonce, parts.encrypt].sort();
  return createHash('sha1').update(sorted.join('')).digest('hex');
}

function aesOf({ aesKey }: CallbackKey): { secret: Buffer; iv: Buffer } {
  const secret = Buffer.from(`${aesKey}=`, 'base64');
  return { secret, iv: secret.subarray(0, 16) };
}
