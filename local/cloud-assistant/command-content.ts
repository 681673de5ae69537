import { type ApiErrorCode, apiError } from './api-error.ts';
import type { ContentEncoding } from './input.ts';

/** Of the Base64 text, which is also how plain text is measured. */
const MAX_CONTENT_BASE64_BYTES = 24 * 1024;

/** Undoes a caller's encoding. Throws `code` for what is not Base64 of the standard alphabet with padding. */
export function decodeContent(content: string, encoding: ContentEncoding, code: ApiErrorCode): Buffer {
  if (encoding === 'PlainText') return Buffer.from(content);
  const bytes = Buffer.from(content, 'base64');
  if (bytes.toString('base64') !== content) throw apiError(code);
  return bytes;
}

export function checkContentSize(content: Buffer): void {
  if (base64Length(content) > MAX_CONTENT_BASE64_BYTES) throw apiError('CmdContent.ExceedLimit');
}

export function base64Length(content: Buffer): number {
  return Math.ceil(content.length / 3) * 4;
}

/** Command content and output as the Describe operations return them. */
export function encodeContent(content: Buffer, encoding: ContentEncoding): string {
  return content.toString(encoding === 'PlainText' ? 'utf8' : 'base64');
}
