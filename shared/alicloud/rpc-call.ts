import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { PermanentError, TransientError } from '../errors.ts';
import type { CallHttp } from '../http/call.ts';
import { parseJson } from '../json.ts';
import type { Credentials } from './credentials.ts';

export interface RpcOptions {
  /** For messages and codes: `kms`. */
  service: string;
  /** `https://kms.cn-hangzhou.aliyuncs.com` */
  endpoint: string;
  /** `2016-01-20` */
  version: string;
  credentials: () => Credentials;
  http: CallHttp;
  clock: Clock;
  /** New at every call. */
  nonce: () => string;
  timeoutMs: number;
}

/** One call of an API of RPC style; the body of its answer, parsed. Never tries again. */
export type RpcCall = (action: string, parameters: Readonly<Record<string, string>>) => Promise<unknown>;

const refusalSchema = z.object({ Code: z.string().check(z.regex(/^[A-Za-z][\w.-]{0,99}$/)) });
/** Those that pass by themselves, as the official secrets client of Alibaba Cloud tries again on them. */
const TRANSIENT = /^(Throttling|Rejected\.Throttling|ServiceUnavailable|Internal|SignatureNonceUsed)/;
const MAX_ANSWER_BYTES = 128 * 1024;

/**
 * Signs with HMAC-SHA1 as https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism has it, without the
 * 50 ms and 200 KB of the SDK's core. The service's message is left out: for a bad signature it repeats what was signed.
 */
export function createRpcCall(options: RpcOptions): RpcCall {
  const { service, http, timeoutMs } = options;
  return async (action, parameters) => {
    const body = signedForm(action, parameters, options);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const url = `${options.endpoint}/`;
    const call = { service, method: 'POST', url, headers, body, timeoutMs, maxAnswerBytes: MAX_ANSWER_BYTES } as const;
    const answer = await http(call);
    const parsed = parseJson(answer.body);
    if (answer.status === 200 && parsed !== undefined) return parsed;
    throw failure(service, action, answer.status, refusalSchema.safeParse(parsed).data?.Code);
  };
}

function failure(service: string, action: string, status: number, code: string | undefined): Error {
  const what = `${service} refused ${action}: ${code ?? 'nothing readable'} (HTTP ${status})`;
  if (code === undefined || status >= 500 || TRANSIENT.test(code))
    return new TransientError(`${service}.${code ?? 'unreadable_answer'}`, what);
  return new PermanentError(`${service}.${code}`, what);
}

function signedForm(
  action: string,
  parameters: Readonly<Record<string, string>>,
  { version, credentials, clock, nonce }: RpcOptions,
): string {
  const { accessKeyId, accessKeySecret, securityToken } = credentials();
  const all: Record<string, string> = {
    ...parameters,
    AccessKeyId: accessKeyId,
    Action: action,
    Format: 'JSON',
    ...(securityToken === undefined ? {} : { SecurityToken: securityToken }),
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: nonce(),
    SignatureVersion: '1.0',
    Timestamp: new Date(clock.now()).toISOString().replace(/\.\d{3}/, ''),
    Version: version,
  };
  const pairs = Object.entries(all).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const form = pairs.sort().join('&');
  const signature = createHmac('sha1', `${accessKeySecret}&`)
    .update(`POST&%2F&${encode(form)}`)
    .digest('base64');
  return `${form}&Signature=${encode(signature)}`;
}

/** Everything but `A-Za-z0-9-_.~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
