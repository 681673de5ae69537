import type { HttpResponse } from '../http/server.ts';

/** An error of the Open Platform: `code` in the body decides; the HTTP status is 400 for most of them. */
export class LarkError extends Error {
  readonly code: number;
  readonly status: number;
  /** Seconds until a caller that was too fast may come again. */
  readonly resetSeconds: number | undefined;

  constructor(code: number, msg: string, options: { status?: number; resetSeconds?: number } = {}) {
    super(msg);
    this.code = code;
    this.status = options.status ?? 400;
    this.resetSeconds = options.resetSeconds;
  }
}

/** https://open.feishu.cn/document/ukTMukTMukTM/uUzN04SN3QjL1cDN ; older calls answer 400 instead. */
export function tooFast(resetSeconds: number): LarkError {
  return new LarkError(99991400, 'request trigger frequency limit', { status: 429, resetSeconds });
}

/** The codes of approvals: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/get */
export const approvalErrors = {
  parameter: (detail?: string) => new LarkError(1390001, `param is invalid${detail ? `: ${detail}` : ''}`),
  noDefinition: () => new LarkError(1390002, 'approval code not found'),
  noInstance: () => new LarkError(1390003, 'instance code not found'),
  noUser: () => new LarkError(1390004, 'user_id or open_id not found'),
  subscribed: () => new LarkError(1390007, 'subscription existed'),
  forbidden: () => new LarkError(1390009, 'no operation permission', { status: 403 }),
  noTask: () => new LarkError(1390010, 'task not found'),
  inactive: () => new LarkError(1390015, 'approval is not active'),
  deleted: () => new LarkError(1390016, 'approval is deleted'),
  uuidConflict: () => new LarkError(60012, 'OpenApiErrorCodeUuidConflict'),
};

export function errorResponse(error: LarkError, logId: string): HttpResponse {
  const { resetSeconds } = error;
  const headers: Record<string, string> =
    resetSeconds === undefined
      ? {}
      : { 'x-ogw-ratelimit-limit': '1', 'x-ogw-ratelimit-reset': String(Math.max(1, resetSeconds)) };
  const body = { code: error.code, msg: error.message, error: { log_id: logId } };
  return jsonResponse(error.status, body, { ...headers, 'x-tt-logid': logId });
}

export function jsonResponse(status: number, body: object, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}
