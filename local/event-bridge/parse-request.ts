import type * as z from 'zod';
import { EventBridgeError } from './event-bridge-error.ts';

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new EventBridgeError(409, 'JsonAttributeInvalid', 'The Json attribute is invalid');
  }
}

/** The body of a control-plane request. Its names are checked by the operation, which knows their error codes. */
export function parseRequest<T>(schema: z.ZodType<T>, body: Buffer): T {
  const request = schema.safeParse(parseJson(body));
  if (request.success) return request.data;
  const [issue] = request.error.issues;
  const parameter = issue?.path.join('.') ?? '';
  throw new EventBridgeError(400, 'InvalidParameter', `The parameter [${parameter}] is invalid: ${issue?.message}`);
}
