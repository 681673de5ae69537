import { createHash, createHmac } from 'node:crypto';

/**
 * The V4 signature of OSS (OSS4-HMAC-SHA256) over a request whose body is not signed.
 * https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4, checked against ali-oss 6.23.0.
 */
export interface OssRequestToSign {
  method: string;
  /** `/`, `/<bucket>/` or `/<bucket>/<key>`, not encoded, whatever the path of the URL is. */
  resource: string;
  /** Not encoded; a parameter without a value has the value ''. */
  query: Iterable<readonly [string, string]>;
  /** Names in lower case. `content-type`, `content-md5` and `x-oss-*` are signed, others only if named below. */
  headers: Readonly<Record<string, string>>;
  /** Names of other headers that are signed, in lower case. */
  additionalHeaders?: readonly string[];
  /** `20261124T022634Z` */
  date: string;
  /** `cn-hangzhou` */
  region: string;
}

export const OSS_V4_ALGORITHM = 'OSS4-HMAC-SHA256';
export const OSS_UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

/** Milliseconds since the epoch as `20261124T022634Z`. */
export function ossDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** `<yyyymmdd>/<region>/oss/aliyun_v4_request` */
export function ossScope(date: string, region: string): string {
  return `${date.slice(0, 8)}/${region}/oss/aliyun_v4_request`;
}

/** The signature as 64 hexadecimal digits. */
export function ossSignature(request: OssRequestToSign, accessKeySecret: string): string {
  const { date, region } = request;
  const digest = createHash('sha256').update(canonicalRequest(request)).digest('hex');
  const parts = [date.slice(0, 8), region, 'oss', 'aliyun_v4_request'];
  const key = parts.reduce<string | Buffer>((secret, part) => hmac(secret, part), `aliyun_v4${accessKeySecret}`);
  return hmac(key, [OSS_V4_ALGORITHM, date, ossScope(date, region), digest].join('\n')).toString('hex');
}

/** The query as it is signed, which is also how it is sent. */
export function ossQuery(query: Iterable<readonly [string, string]>): string {
  return [...query]
    .map(([name, value]) => [ossEncode(name), ossEncode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
}

function canonicalRequest({ method, resource, query, headers, additionalHeaders = [] }: OssRequestToSign): string {
  const signed = Object.keys(headers)
    .filter((name) => /^(content-type$|content-md5$|x-oss-)/.test(name) || additionalHeaders.includes(name))
    .sort();
  const headerLines = signed.map((name) => `${name}:${headers[name]?.trim()}\n`).join('');
  const path = ossEncode(resource).replaceAll('%2F', '/');
  const additional = [...additionalHeaders].sort().join(';');
  return [method, path, ossQuery(query), headerLines, additional, OSS_UNSIGNED_PAYLOAD].join('\n');
}

function ossEncode(text: string): string {
  const encoded = encodeURIComponent(text);
  return encoded.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(secret: string | Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}
