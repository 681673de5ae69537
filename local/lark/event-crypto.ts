import { createCipheriv, createHash } from 'node:crypto';

/**
 * The sending side of the event encryption, written on its own so that it can prove the receiving side:
 * https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
 * The key is the SHA-256 of the Encrypt Key; the Base64 text holds the IV and then the ciphertext.
 */
export function encryptEvent(plain: string, encryptKey: string, iv: Buffer): string {
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(encryptKey).digest(), iv);
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}

/** Lower-case hex SHA-256 over timestamp, nonce and Encrypt Key, then the body's bytes as they are sent. */
export function signEvent(parts: { timestamp: string; nonce: string; encryptKey: string; body: Buffer }): string {
  const { timestamp, nonce, encryptKey, body } = parts;
  return createHash('sha256')
    .update(timestamp + nonce + encryptKey)
    .update(body)
    .digest('hex');
}
