import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';
import type { HttpResponse } from '../http/server.ts';

/** Not settable by a function: https://help.aliyun.com/document_detail/191345.html */
const NOT_SETTABLE =
  /^(x-fc-.*|connection|content-length|date|keep-alive|server|transfer-encoding|content-disposition)$/i;
const MAX_HEADER_BYTES = 8 * 1024;

const resultSchema = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

/**
 * What the caller of an HTTP trigger gets for a function's result; a result that is not of the response shape is the
 * body itself. Undefined when its headers are malformed or over the limit.
 */
export function httpResult(payload: Buffer): HttpResponse | undefined {
  const parsed = resultSchema.safeParse(parseJson(payload));
  if (!parsed.success) return { status: 200, headers: { 'content-type': 'application/json' }, body: payload };
  const { statusCode, headers, body, isBase64Encoded } = parsed.data;
  if (!areSound(headers)) return undefined;
  const kept = Object.entries(headers).filter(([name]) => !NOT_SETTABLE.test(name));
  return {
    status: statusCode,
    headers: Object.fromEntries(kept),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function areSound(headers: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(headers);
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  try {
    for (const [name, value] of entries) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch {
    return false;
  }
  return bytes <= MAX_HEADER_BYTES;
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
