import type * as z from 'zod';
import type { HttpResponse } from '../http/server.ts';

/** A call that Function Compute refuses; becomes its error answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Shape seen in `@alicloud/fc20230330` 4.7.6, model Error. */
export function errorResponse(
  error: { status: number; code: string; message: string },
  requestId: string,
): HttpResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-fc-request-id': requestId },
    body: JSON.stringify({ RequestId: requestId, Code: error.code, Message: error.message }),
  };
}

/** Parses an input and refuses a wrong one with 400 InvalidArgument, naming every wrong field. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`);
  throw new ApiError(400, 'InvalidArgument', problems.join('; '));
}

export function functionNotFound(functionName: string): ApiError {
  return new ApiError(404, 'FunctionNotFound', `function '${functionName}' does not exist`);
}
