import type { HttpResponse } from '../http/server.ts';

/** A refusal as the service words it: https://help.aliyun.com/en/sls/developer-reference/error-codes */
export class SlsError extends Error {
  override readonly name = 'SlsError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function parameterInvalid(message: string): SlsError {
  return new SlsError(400, 'ParameterInvalid', message);
}

export function errorResponse({ status, code, message }: SlsError, requestId: string): HttpResponse {
  return answer(status, { errorCode: code, errorMessage: message }, requestId);
}

export function answer(status: number, body: object, requestId: string): HttpResponse {
  const headers = { 'content-type': 'application/json', 'x-log-requestid': requestId };
  return { status, headers, body: JSON.stringify(body) };
}
