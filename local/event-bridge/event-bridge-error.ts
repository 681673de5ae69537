import type { HttpResponse } from '../http/server.ts';

/** A request refused in the service's own way. Where the codes come from stands in README.md. */
export class EventBridgeError extends Error {
  override readonly name = 'EventBridgeError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The keys of an error are lower camel, unlike those of an answer (seen in @alicloud/eventbridge 1.3.2). */
export function errorResponse(status: number, code: string, message: string, requestId: string): HttpResponse {
  return jsonResponse(status, { code, message, requestId });
}

export function jsonResponse(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body: JSON.stringify(body) };
}
