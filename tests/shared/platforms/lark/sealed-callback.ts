import { createCipheriv, createHash } from 'node:crypto';
import type { CallbackRequest } from '../../../../shared/platforms/platform.ts';

/**
 * Lark's side of a callback, from its documentation alone and with no code in common with the one under test: CBC by
 * hand over single AES blocks, padding by hand.
 * https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */
export const ENCRYPT_KEY = 'encrypt key 密钥';
export const TOKEN = 'v-token-1';
export const IV = Buffer.from('0123456789abcdef');

export function flipBit(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

/** Encrypts whole blocks, whatever they hold. */
export function encryptBlocks(plain: Buffer, encryptKey = ENCRYPT_KEY, iv = IV): string {
  const key = createHash('sha256').update(Buffer.from(encryptKey, 'utf8')).digest();
  const aes = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const blocks = [iv];
  for (let at = 0; at < plain.length; at += 16)
    blocks.push(aes.update(xor(plain.subarray(at, at + 16), blocks.at(-1) ?? iv)));
  return Buffer.concat(blocks).toString('base64');
}

export function pad(plain: Buffer): Buffer {
  const count = 16 - (plain.length % 16);
  return Buffer.concat([plain, Buffer.alloc(count, count)]);
}

export function seal(message: string | Buffer, encryptKey = ENCRYPT_KEY, iv = IV): string {
  return encryptBlocks(pad(Buffer.from(message)), encryptKey, iv);
}

export function signatureOf(encryptKey: string, timestamp: string, nonce: string, body: string | Buffer): string {
  const bytes = Buffer.concat([Buffer.from(`${timestamp}${nonce}${encryptKey}`, 'utf8'), Buffer.from(body)]);
  return createHash('sha256').update(bytes).digest('hex');
}

export interface Posting {
  encryptKey?: string;
  timestamp?: string;
  nonce?: string;
  method?: string;
  /** Added to the headers, or left out where undefined. */
  headers?: Record<string, string | undefined>;
}

/** A signed callback with these bytes as its body. */
export function post(body: string | Buffer, options: Posting = {}): CallbackRequest {
  const { encryptKey = ENCRYPT_KEY, timestamp = '1767323045', nonce = '64607134', method = 'POST' } = options;
  const headers = {
    'content-type': 'application/json;charset=utf-8',
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signatureOf(encryptKey, timestamp, nonce, body),
    ...options.headers,
  };
  const sent = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { method, query: {}, headers: Object.fromEntries(sent), body: Buffer.from(body) };
}

const textOf = (message: string | object) => (typeof message === 'string' ? message : JSON.stringify(message));

/** An encrypted and signed callback; an object is sent as JSON. */
export function callback(message: string | object, options: Posting = {}): CallbackRequest {
  return post(JSON.stringify({ encrypt: seal(textOf(message), options.encryptKey ?? ENCRYPT_KEY) }), options);
}

/** A callback as an app without an encrypt key gets it: in clear, without signature. */
export function plainCallback(message: string | object): CallbackRequest {
  const headers = { 'content-type': 'application/json;charset=utf-8' };
  return { method: 'POST', query: {}, headers, body: Buffer.from(textOf(message)) };
}

/** An encrypted check of the URL, which has none of the headers. */
export function unsigned(request: CallbackRequest): CallbackRequest {
  const kept = Object.entries(request.headers).filter(([name]) => !name.startsWith('x-lark-'));
  return { ...request, headers: Object.fromEntries(kept) };
}

/** https://open.feishu.cn/document/ukTMukTMukTM/uIDO24iM4YjLygjN/event/common-event/approval-instance-event */
export const EVENT = {
  type: 'approval_instance',
  app_id: 'cli_0123456789abcdef',
  tenant_key: '736588c9260f175d',
  approval_code: '7C468A54-8745-2245-9675-08B7C63E7A85',
  instance_code: '81D31358-93AF-92D6-7425-01A5D67C4E71',
  status: 'APPROVED',
  operate_time: '1716174328000',
  instance_operate_time: '1716174328000',
  uuid: '506bc1ee',
};
export const APPROVED = {
  ts: '1716174328.962266',
  uuid: '0f8d3a15aa9d4e3f',
  token: TOKEN,
  type: 'event_callback',
  event: EVENT,
};
export const HINT = { instance_id: EVENT.instance_code, code: EVENT.approval_code };
export const approvedWith = (changes: object, envelope: object = {}) => ({
  ...APPROVED,
  ...envelope,
  event: { ...EVENT, ...changes },
});
export const CHALLENGE = { challenge: 'ajls384kdjx98XX 🙂', token: TOKEN, type: 'url_verification' };
