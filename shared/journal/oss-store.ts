import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Credentials } from '../alicloud/credentials.ts';
import type { Clock } from '../clock.ts';
import { TransientError } from '../errors.ts';
import type { CallHttp, HttpAnswer, HttpCall } from '../http/call.ts';
import { assertObjectKey } from './assert-object-key.ts';
import { isObjectKey, type ObjectStore } from './object-store.ts';
import { isOssSuccess, ossErrorCode, ossFailure, readListPage } from './oss-answer.ts';
import { OSS_UNSIGNED_PAYLOAD, OSS_V4_ALGORITHM, ossDate, ossQuery, ossScope, ossSignature } from './oss-signature.ts';

export interface OssStoreOptions {
  /** `https://oss-cn-hangzhou.aliyuncs.com`, `http://127.0.0.1:8080` */
  endpoint: string;
  /** `cn-hangzhou` */
  region: string;
  bucket: string;
  /** Asked before each call, so that temporary keys may change. */
  credentials: () => Credentials;
  http: CallHttp;
  clock: Clock;
}

/** What a RAM policy must allow for each call: https://www.alibabacloud.com/help/en/oss/user-guide/ram-policy */
export const OBJECT_STORE_ACTIONS = {
  createIfAbsent: ['oss:PutObject'],
  get: ['oss:GetObject'],
  list: ['oss:ListObjects'],
  delete: ['oss:DeleteObject'],
} as const satisfies Record<keyof ObjectStore, readonly string[]>;

interface OssCall {
  method: HttpCall['method'];
  /** Empty for a call on the bucket. */
  key: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
  maxAnswerBytes?: number;
}

/** The most that OSS gives in one page of a listing. */
const MAX_PAGE_KEYS = 1_000;
/** A full page of long keys with all that OSS says about each. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * The journal's store on Alibaba Cloud OSS. Own client because loading ali-oss costs a cold start about 120 ms.
 * The bucket must never have had versioning: with it OSS ignores `x-oss-forbid-overwrite` and overwrites silently.
 * Failures are TransientError or PermanentError with the code `oss.<Code of OSS>`; a key that is none throws TypeError.
 */
export function createOssStore(options: OssStoreOptions): ObjectStore {
  const send = createSend(options);
  return {
    async createIfAbsent(key, body) {
      assertObjectKey(key);
      const headers = {
        'content-md5': createHash('md5').update(body).digest('base64'),
        ...(key.endsWith('.json') ? { 'content-type': 'application/json' } : {}),
        'x-oss-forbid-overwrite': 'true',
      };
      const answer = await send({ method: 'PUT', key, headers, body });
      if (isOssSuccess(answer, 200)) return 'created';
      if (isRefusal(answer, 409, 'FileAlreadyExists')) return 'exists';
      throw ossFailure(answer, `PutObject ${key}`);
    },
    async get(key) {
      assertObjectKey(key);
      const answer = await send({ method: 'GET', key });
      if (isOssSuccess(answer, 200)) return answer.body;
      if (isRefusal(answer, 404, 'NoSuchKey')) return undefined;
      throw ossFailure(answer, `GetObject ${key}`);
    },
    list: (prefix, { after = '', limit = MAX_PAGE_KEYS } = {}) => listKeys(send, prefix, after, limit),
    async delete(key) {
      assertObjectKey(key);
      const answer = await send({ method: 'DELETE', key });
      if (isOssSuccess(answer, 204) || isRefusal(answer, 404, 'NoSuchKey')) return;
      throw ossFailure(answer, `DeleteObject ${key}`);
    },
  };
}

function isRefusal(answer: HttpAnswer, status: number, code: string): boolean {
  return answer.status === status && ossErrorCode(answer) === code;
}

/** A page may hold fewer keys than asked for and still not be the last. Keys that are none of ours are passed over. */
async function listKeys(
  send: (call: OssCall) => Promise<HttpAnswer>,
  prefix: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const action = `ListObjects ${prefix}`;
  const keys: string[] = [];
  let start: Record<string, string> = after === '' ? {} : { 'start-after': after };
  while (keys.length < limit) {
    const query = {
      'list-type': '2',
      'max-keys': String(Math.min(MAX_PAGE_KEYS, limit - keys.length)),
      ...(prefix === '' ? {} : { prefix }),
      ...start,
    };
    const answer = await send({ method: 'GET', key: '', query, maxAnswerBytes: MAX_PAGE_BYTES });
    if (!isOssSuccess(answer, 200)) throw ossFailure(answer, action);
    const page = readListPage(answer, action);
    keys.push(...page.keys.filter(isObjectKey));
    if (page.continuationToken === undefined) break;
    if (page.continuationToken === start['continuation-token']) {
      throw new TransientError('oss.endless_listing', `oss: ${action} was sent back to the page it came from`);
    }
    start = { 'continuation-token': page.continuationToken };
  }
  return keys;
}

/** Signs a call and sends it. The bucket is in the host name or, where that cannot be resolved, in the path. */
function createSend({ endpoint, region, bucket, credentials, http, clock }: OssStoreOptions) {
  const { protocol, hostname, host } = new URL(endpoint);
  const local = hostname === 'localhost' || isIP(hostname.replace(/[[\]]/g, '')) !== 0;
  const base = local ? `${protocol}//${host}/${bucket}/` : `${protocol}//${bucket}.${host}/`;
  return (call: OssCall): Promise<HttpAnswer> => {
    const { accessKeyId, accessKeySecret, securityToken } = credentials();
    const { method, key, body, maxAnswerBytes } = call;
    const date = ossDate(clock.now());
    const query = Object.entries(call.query ?? {});
    const headers: Record<string, string> = {
      ...call.headers,
      'x-oss-content-sha256': OSS_UNSIGNED_PAYLOAD,
      'x-oss-date': date,
      ...(securityToken ? { 'x-oss-security-token': securityToken } : {}),
    };
    const request = { method, resource: `/${bucket}/${key}`, query, headers, date, region };
    const signature = ossSignature(request, accessKeySecret);
    headers['authorization'] =
      `${OSS_V4_ALGORITHM} Credential=${accessKeyId}/${ossScope(date, region)},Signature=${signature}`;
    return http({
      service: 'oss',
      method,
      url: `${base}${key}${query.length > 0 ? `?${ossQuery(query)}` : ''}`,
      headers,
      ...(body ? { body } : {}),
      ...(maxAnswerBytes ? { maxAnswerBytes } : {}),
    });
  };
}
