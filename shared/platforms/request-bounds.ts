import type { CallbackRequest } from './platform.ts';

/** Genuine approval callbacks stay under 2 KB with about ten headers; all of this is far above. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_QUERY_VALUES = 32;
const MAX_QUERY_BYTES = 128;
const MAX_HEADERS = 64;
const MAX_HEADER_BYTES = 8 * 1024;

/** What of this request is larger than any genuine callback, or undefined. Asked before anything is parsed or decrypted. */
export function boundsFault({ body, query, headers }: CallbackRequest): string | undefined {
  if (body.length > MAX_BODY_BYTES) return `body of ${body.length} bytes, at most ${MAX_BODY_BYTES}`;
  const values = Object.entries(query);
  if (values.length > MAX_QUERY_VALUES) return `${values.length} query values, at most ${MAX_QUERY_VALUES}`;
  if (values.flat().some((text) => Buffer.byteLength(text) > MAX_QUERY_BYTES)) return 'an overlong query value';
  const lines = Object.entries(headers);
  if (lines.length > MAX_HEADERS) return `${lines.length} headers, at most ${MAX_HEADERS}`;
  if (lines.flat().some((text) => Buffer.byteLength(text) > MAX_HEADER_BYTES)) return 'an overlong header';
  return undefined;
}
