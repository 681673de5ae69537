import { createDecipheriv, createHash } from 'node:crypto';

/**
 * The encryption and the signature of Lark's callbacks: AES-256-CBC under the SHA-256 of the encrypt key, with the IV in
 * front; a plain SHA-256 over the raw body.
 * https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */

const AES_BLOCK = 16;

/** Lower-case hex. The body counts as it came: parsed and written again it would have another signature. */
export function sign(encryptKey: string, timestamp: string, nonce: string, body: Buffer): string {
  return createHash('sha256')
    .update(timestamp + nonce + encryptKey)
    .update(body)
    .digest('hex');
}

/** The message, or undefined for whatever is wrong with the text. Nothing here proves who wrote it. */
export function decrypt(encrypt: string, encryptKey: string): string | undefined {
  const bytes = Buffer.from(encrypt, 'base64');
  if (bytes.length < 2 * AES_BLOCK || bytes.length % AES_BLOCK !== 0) return undefined;
  const key = createHash('sha256').update(encryptKey).digest();
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, AES_BLOCK));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(AES_BLOCK)), decipher.final()]).toString();
  } catch {
    // The padding is not PKCS#7's: another key, or no encrypted text at all.
    return undefined;
  }
}
