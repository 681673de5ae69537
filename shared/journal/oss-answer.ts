import { PermanentError, TransientError } from '../errors.ts';
import type { HttpAnswer } from '../http/call.ts';
import { childText, parseXml } from './parse-xml.ts';

export interface ListPage {
  keys: string[];
  /** Where the next page begins; undefined on the last page. */
  continuationToken: string | undefined;
}

/**
 * Codes that mean "try again" whatever their status: the limits of
 * https://help.aliyun.com/en/oss/user-guide/http-status-code-503, a body or a signature that came too late (a frozen
 * function), and a temporary key that has to be renewed.
 */
const TRANSIENT_CODE =
  /Throttl|LimitExceeded|TooManyRequests|^(RequestTimeout|RequestTimeTooSkewed|SecurityTokenExpired)$/;

/** The Code of an OSS error, or undefined if the answer is none (HTML of a proxy, an empty or broken body). */
export function ossErrorCode(answer: HttpAnswer): string | undefined {
  const error = parseXml(answer.body.toString('utf8'));
  const code = error?.name === 'Error' ? childText(error, 'Code')?.trim() : undefined;
  return code && /^[\w.-]{1,100}$/.test(code) ? code : undefined;
}

/** True for an answer with this status that really is from OSS: it puts a request id on all its answers. */
export function isOssSuccess(answer: HttpAnswer, status: number): boolean {
  return answer.status === status && answer.headers['x-oss-request-id'] !== undefined;
}

/** What an answer that the caller did not expect means; `action` names the call, for the message. */
export function ossFailure(answer: HttpAnswer, action: string): TransientError | PermanentError {
  const code = ossErrorCode(answer);
  if (code === undefined || answer.status < 300) return unreadable(answer, action);
  const { status } = answer;
  const message = `oss: ${action} was refused with HTTP ${status} ${code} (request id ${requestId(answer)})`;
  const transient = status >= 500 || status === 429 || status === 408 || TRANSIENT_CODE.test(code);
  return transient ? new TransientError(`oss.${code}`, message) : new PermanentError(`oss.${code}`, message);
}

/** One page of ListObjectsV2; throws a TransientError when the answer is not one, whole. */
export function readListPage(answer: HttpAnswer, action: string): ListPage {
  const result = parseXml(answer.body.toString('utf8'));
  if (result?.name !== 'ListBucketResult') throw unreadable(answer, action);
  const contents = result.children.filter((child) => child.name === 'Contents');
  const keys = contents.map((item) => childText(item, 'Key')).filter((key) => key !== undefined);
  const truncated = childText(result, 'IsTruncated');
  const token = childText(result, 'NextContinuationToken');
  if (keys.length !== contents.length || (truncated !== 'false' && !(truncated === 'true' && token))) {
    throw unreadable(answer, action);
  }
  return { keys, continuationToken: truncated === 'true' ? token : undefined };
}

function unreadable(answer: HttpAnswer, action: string): TransientError {
  const seen = `HTTP ${answer.status} with ${answer.body.length} bytes that are no answer of OSS`;
  return new TransientError('oss.unreadable_answer', `oss: ${action} got ${seen}; is there a proxy in between?`);
}

function requestId(answer: HttpAnswer): string {
  return String(answer.headers['x-oss-request-id'] ?? 'none').slice(0, 64);
}
