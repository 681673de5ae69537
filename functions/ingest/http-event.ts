import * as z from 'zod/mini';
import { parseJson } from '../../shared/json.ts';
import type { CallbackReply, CallbackRequest } from '../../shared/platforms/platform.ts';

/**
 * The event of an HTTP trigger (https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function).
 * Header names come in any case; the flag says whether the body is Base64, never the content type.
 */
const httpEventSchema = z.object({
  version: z.literal('v1'),
  body: z._default(z.string(), ''),
  isBase64Encoded: z._default(z.boolean(), false),
  headers: z._default(z.record(z.string(), z.string()), {}),
  queryParameters: z._default(z.record(z.string(), z.string()), {}),
  requestContext: z.object({ http: z.object({ method: z.string(), path: z.string() }) }),
});

/** What came over HTTP, or undefined if these bytes are no HTTP trigger's event. */
export function parseHttpEvent(event: Buffer): CallbackRequest | undefined {
  const parsed = httpEventSchema.safeParse(parseJson(event));
  if (!parsed.success) return undefined;
  const { body, isBase64Encoded, headers, queryParameters, requestContext } = parsed.data;
  return {
    method: requestContext.http.method.toUpperCase(),
    query: queryParameters,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** An answer in the form that Function Compute turns into HTTP. */
export function toHttpAnswer({ status, headers, body }: CallbackReply) {
  return { statusCode: status, headers, isBase64Encoded: false, body };
}
