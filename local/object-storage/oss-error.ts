import type { HttpResponse } from '../http/server.ts';
import { renderXml } from './render-xml.ts';

/** A refusal as OSS words it. `ec` is the fine-grained code of https://help.aliyun.com/en/oss/user-guide/, where known. */
export class OssError extends Error {
  readonly status: number;
  readonly code: string;
  readonly ec: string | undefined;

  constructor(status: number, code: string, message: string, ec?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.ec = ec;
  }
}

export function notImplemented(what: string): OssError {
  return new OssError(501, 'NotImplemented', `${what} is not emulated.`);
}

export function invalidArgument(message: string, ec?: string): OssError {
  return new OssError(400, 'InvalidArgument', message, ec);
}

/** The answer to a HEAD has no body, so OSS repeats it in `x-oss-err`; all answers carry it here. */
export function errorResponse(error: OssError, requestId: string, hostId: string): HttpResponse {
  const { status, code, message, ec } = error;
  const body = renderXml([
    'Error',
    [
      ['Code', code],
      ['Message', message],
      ['RequestId', requestId],
      ['HostId', hostId],
      ...(ec ? [['EC', ec] as const] : []),
    ],
  ]);
  return {
    status,
    headers: {
      'content-type': 'application/xml',
      'x-oss-request-id': requestId,
      'x-oss-err': Buffer.from(body).toString('base64'),
      ...(ec ? { 'x-oss-ec': ec } : {}),
    },
    body,
  };
}
