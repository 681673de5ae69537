import { isUtf8 } from 'node:buffer';
import type { HttpRequest } from '../http/server.ts';
import { formatTime, type Platform } from './platform.ts';

/** Header names that a client cannot send: https://help.aliyun.com/document_detail/191345.html */
const NOT_SENDABLE = /^(x-fc-.*|connection|keep-alive)$/;
/** Which types count as text is not documented; these do here, everything else is Base64. */
const TEXT_TYPE = /^(text\/|application\/([\w.+-]+\+)?(json|xml)\b|application\/(javascript|x-www-form-urlencoded)\b)/i;

/** The event a function gets for an HTTP request: https://help.aliyun.com/document_detail/2545977.html */
export function httpEvent(
  platform: Platform,
  request: HttpRequest,
  options: { requestId: string; domainPrefix: string },
): Buffer {
  const { requestId, domainPrefix } = options;
  const now = platform.clock.now();
  const text = isText(request);
  return Buffer.from(
    JSON.stringify({
      version: 'v1',
      rawPath: request.rawPath,
      body: request.body.toString(text ? 'utf8' : 'base64'),
      isBase64Encoded: !text,
      headers: eventHeaders(request, platform.headerCase),
      queryParameters: joinParameters(request.query),
      requestContext: {
        accountId: platform.identities.accountId,
        domainName: `${domainPrefix}.${platform.region}.fcapp.run`,
        domainPrefix,
        http: {
          method: request.method,
          path: decodeURIComponent(request.rawPath),
          protocol: 'HTTP/1.1',
          sourceIp: request.sourceIp,
          userAgent: request.headers['user-agent'] ?? '',
        },
        requestId,
        time: formatTime(now),
        timeEpoch: String(now),
      },
    }),
  );
}

/** Bytes that are not UTF-8 always go as Base64: they would not survive as text. */
function isText(request: HttpRequest): boolean {
  const type = request.headers['content-type'];
  return (type === undefined || TEXT_TYPE.test(type)) && isUtf8(request.body);
}

function eventHeaders(request: HttpRequest, headerCase: 'canonical' | 'lower'): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || NOT_SENDABLE.test(name)) continue;
    headers[headerCase === 'lower' ? name : canonicalName(name)] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

/** `content-type` becomes `Content-Type`. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function joinParameters(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));
}
