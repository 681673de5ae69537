import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/**
 * DingTalk's callback encryption and signature: sha1 over the sorted parts, AES-256-CBC, PKCS7 to 32 bytes.
 * https://open.dingtalk.com/document/development/callback-event-message-body-encryption-and-decryption
 */

/** DingTalk pads to 32 bytes, but its own Go and Rust encoders pad to 16: any length from 1 to 32 is right. */
const BLOCK = 32;
const AES_BLOCK = 16;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

/** The 43 characters of the console's EncodingAESKey as a 32-byte key, or undefined if they are none. */
export function parseAesKey(encodingAesKey: string): Buffer | undefined {
  // The official sample keys have spare bits set in their last character, which a strict decoder would refuse.
  return /^[A-Za-z0-9+/]{43}$/.test(encodingAesKey) ? Buffer.from(`${encodingAesKey}=`, 'base64') : undefined;
}

/** Lower-case hex; the parts are sorted by code unit and joined without a separator. */
export function sign(token: string, timestamp: string, nonce: string, encrypt: string): string {
  const parts = [token, timestamp, nonce, encrypt].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash('sha1').update(parts.join('')).digest('hex');
}

/** The message and the owner key behind it, or undefined for whatever is wrong with the text. */
export function decrypt(encrypt: string, key: Buffer): { message: string; ownerKey: string } | undefined {
  const cipherText = Buffer.from(encrypt, 'base64');
  if (cipherText.length === 0 || cipherText.length % AES_BLOCK !== 0) return undefined;
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, AES_BLOCK));
  // OpenSSL's own unpadding knows blocks of 16 only and fails on most genuine messages.
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(cipherText), decipher.final()]);
  const plain = unpad(padded);
  if (!plain || plain.length < RANDOM_BYTES + LENGTH_BYTES) return undefined;
  const length = plain.readUInt32BE(RANDOM_BYTES);
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (length > plain.length - start) return undefined;
  return { message: plain.toString('utf8', start, start + length), ownerKey: plain.toString('utf8', start + length) };
}

export function encrypt(message: string, ownerKey: string, key: Buffer, random: Buffer): string {
  const body = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  const plain = Buffer.concat([random.subarray(0, RANDOM_BYTES), length, body, Buffer.from(ownerKey)]);
  const pad = BLOCK - (plain.length % BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, AES_BLOCK));
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

function unpad(padded: Buffer): Buffer | undefined {
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK || pad > padded.length) return undefined;
  const end = padded.length - pad;
  return padded.subarray(end).every((byte) => byte === pad) ? padded.subarray(0, end) : undefined;
}
