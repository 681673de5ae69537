import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { CallbackReply, CallbackRequest } from '../../../../shared/platforms/platform.ts';

/**
 * DingTalk's side of a callback, from its documentation alone and with no code in common with the one under test:
 * Base64 of the key by hand, CBC by hand over single AES blocks, parts sorted by their UTF-16 bytes.
 * https://open.dingtalk.com/document/development/callback-event-message-body-encryption-and-decryption
 */
export const TOKEN = 'token123';
export const AES_KEY = '1234567890123456789012345678901234567890123';
export const OWNER_KEY = 'dingapp';
export const CORP_ID = 'dingcorp';
export const RANDOM = Buffer.from('0123456789abcdef');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** 43 characters of 6 bits are 258 bits; the last two say nothing. */
export function keyBytes(aesKey: string): Buffer {
  const bits = [...aesKey].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(6, '0')).join('');
  return Buffer.from(
    Array.from({ length: 32 }, (_, index) => Number.parseInt(bits.slice(8 * index, 8 * index + 8), 2)),
  );
}

/** The same 32 bytes with one bit the other way round, as 43 characters again. */
export function flipKeyBit(aesKey: string, bit: number): string {
  const bytes = flipBit(keyBytes(aesKey), bit);
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: 43 }, (_, index) =>
    ALPHABET.charAt(Number.parseInt(bits.slice(6 * index, 6 * index + 6).padEnd(6, '0'), 2)),
  ).join('');
}

export function flipBit(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
const blocksOf = (bytes: Buffer) =>
  Array.from({ length: bytes.length / 16 }, (_, index) => bytes.subarray(16 * index, 16 * index + 16));

/** Encrypts whole blocks, whatever they hold. */
export function encryptBlocks(plain: Buffer, aesKey = AES_KEY): string {
  const key = keyBytes(aesKey);
  const aes = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  let previous = key.subarray(0, 16);
  const sealed = blocksOf(plain).map((block) => {
    previous = aes.update(xor(block, previous));
    return previous;
  });
  return Buffer.concat(sealed).toString('base64');
}

export function decryptBlocks(encrypted: string, aesKey = AES_KEY): Buffer {
  const key = keyBytes(aesKey);
  const aes = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const blocks = blocksOf(Buffer.from(encrypted, 'base64'));
  return Buffer.concat(blocks.map((block, index) => xor(aes.update(block), blocks[index - 1] ?? key.subarray(0, 16))));
}

export interface Plain {
  message: string | Buffer;
  ownerKey?: string;
  /** What the length field says, where it is not the truth. */
  length?: number;
  random?: Buffer;
}

/** 16 random bytes, the length of the message in bytes, the message, the owner key; not padded yet. */
export function plainOf({ message, ownerKey = OWNER_KEY, random = RANDOM, ...rest }: Plain): Buffer {
  const bytes = Buffer.from(message);
  const length = Buffer.from((rest.length ?? bytes.length).toString(16).padStart(8, '0'), 'hex');
  return Buffer.concat([random, length, bytes, Buffer.from(ownerKey)]);
}

export function pad(plain: Buffer, block: 16 | 32 = 32): Buffer {
  const count = block - (plain.length % block);
  return Buffer.concat([plain, Buffer.alloc(count, count)]);
}

export function seal(
  plain: Plain,
  { block = 32, aesKey = AES_KEY }: { block?: 16 | 32; aesKey?: string } = {},
): string {
  return encryptBlocks(pad(plainOf(plain), block), aesKey);
}

export function signatureOf(...parts: string[]): string {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16();
  const sorted = [...parts].sort((a, b) => utf16(a).compare(utf16(b)));
  return createHash('sha1').update(sorted.join('')).digest('hex');
}

export interface Posting {
  token?: string;
  timestamp?: string;
  nonce?: string;
  method?: string;
  /** The body instead of `{"encrypt": …}`; the signature is still that of `encrypted`. */
  body?: string | Buffer;
  /** Changes the query, for example to other names of the same. */
  query?: (query: Record<'signature' | 'timestamp' | 'nonce', string>) => Record<string, string>;
}

/** A signed callback that carries this encrypted text, with both names of the signature as real ones have. */
export function post(encrypted: string, options: Posting = {}): CallbackRequest {
  const { token = TOKEN, timestamp = '1767323045678', nonce = 'nonce1', method = 'POST' } = options;
  const signature = signatureOf(token, timestamp, nonce, encrypted);
  const parts = { signature, timestamp, nonce };
  return {
    method,
    query: options.query?.(parts) ?? { ...parts, msg_signature: signature },
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(options.body ?? JSON.stringify({ encrypt: encrypted })),
  };
}

/** A signed callback with this message; an object is sent as JSON. */
export function callback(message: string | object, options: Posting & Omit<Plain, 'message'> = {}): CallbackRequest {
  const { ownerKey = OWNER_KEY } = options;
  return post(seal({ message: typeof message === 'string' ? message : JSON.stringify(message), ownerKey }), options);
}

/** As the documentation shows it: https://open.dingtalk.com/document/development/event-bpms-instance-change */
export const APPROVED = {
  EventType: 'bpms_instance_change',
  EventTime: 1_767_000_000_000,
  CorpId: CORP_ID,
  BizId: '1',
  eventId: 'e1',
  processInstanceId: 'pi-1_A',
  processCode: 'PROC-1',
  businessId: '202601010900000123456',
  type: 'finish',
  result: 'agree',
  staffId: 'u1',
  title: '张三提交的入职 🎉',
  createTime: 1_766_990_000_000,
  finishTime: 1_766_999_999_000,
  url: 'https://aflow.dingtalk.com/',
  bizCategoryId: '',
  businessType: '',
};

/** Opens a reply as DingTalk does; throws where a field is missing or the signature wrong. */
export function openReply({ status, headers, body }: CallbackReply, token = TOKEN) {
  const reply: Record<string, unknown> = JSON.parse(body);
  const { msg_signature, timeStamp, nonce, encrypt, ...rest } = reply;
  if (typeof timeStamp !== 'string' || typeof nonce !== 'string' || typeof encrypt !== 'string')
    throw new Error(`not a reply: ${body}`);
  const plain = decryptBlocks(encrypt);
  const padding = plain.at(-1) ?? 0;
  const end = 20 + plain.readUInt32BE(16);
  return {
    status,
    headers,
    rest,
    timeStamp,
    nonce,
    signed: msg_signature === signatureOf(token, timeStamp, nonce, encrypt),
    random: plain.toString('latin1', 0, 16),
    message: plain.toString('utf8', 20, end),
    ownerKey: plain.toString('utf8', end, plain.length - padding),
    padding: {
      bytes: padding,
      of: plain.length % 32,
      whole: plain.subarray(-padding).every((byte) => byte === padding),
    },
  };
}
