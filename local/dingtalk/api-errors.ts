import type { HttpResponse } from '../http/server.ts';

/** An error of api.dingtalk.com: an HTTP status of its own and `{code, message, requestid}`. */
export class NewApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** An error of oapi.dingtalk.com: HTTP 200 and `errcode`; failures of the token come as 88 with a `sub_code`. */
export class OldApiError extends Error {
  readonly errcode: number;
  readonly sub: { code?: string; message: string } | undefined;

  constructor(errcode: number, errmsg: string, sub?: { code?: string; message: string }) {
    super(errmsg);
    this.errcode = errcode;
    this.sub = sub;
  }
}

export function newApiErrorResponse(status: number, code: string, message: string, requestId: string): HttpResponse {
  return jsonResponse(status, { code, requestid: requestId, message });
}

/** A code that is no number (as a fault may ask for) is sent as -1, "system busy". */
export function oldApiErrorResponse(error: OldApiError, requestId: string): HttpResponse {
  const sub = error.sub ? { sub_code: error.sub.code, sub_msg: error.sub.message } : {};
  const errcode = Number.isInteger(error.errcode) ? error.errcode : -1;
  return jsonResponse(200, { errcode, errmsg: error.message, ...sub, request_id: requestId });
}

export function jsonResponse(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body: JSON.stringify(body) };
}
