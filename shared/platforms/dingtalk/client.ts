import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { PermanentError, TransientError } from '../../errors.ts';
import type { CallHttp, HttpAnswer } from '../../http/call.ts';
import { parseJson } from '../../json.ts';

export interface ClientConfig {
  appKey: string;
  appSecret: string;
  /** https://api.dingtalk.com */
  apiEndpoint: string;
  /** https://oapi.dingtalk.com, the older host with the user look-up and the robot webhook. */
  oapiEndpoint: string;
}

/** DingTalk's REST API as far as the loop needs it. Answers are parsed by the caller's schema. */
export interface DingtalkClient {
  /** A call of the newer API (api.dingtalk.com), where errors are HTTP 4xx and 5xx with a `code`. */
  call<T>(request: ApiRequest, schema: z.ZodMiniType<T>): Promise<T>;
  /** A call of the older API (oapi.dingtalk.com), where every answer is HTTP 200 and `errcode` tells. */
  callOld<T>(path: string, body: unknown, schema: z.ZodMiniType<T>, signal?: AbortSignal): Promise<T>;
  /** The same with GET. */
  getOld<T>(path: string, schema: z.ZodMiniType<T>): Promise<T>;
}

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** Tokens live 7,200 s; they are renewed early, as the vendor's guide asks. */
const RENEW_BEFORE_MS = 10 * 60_000;

const tokenSchema = z.object({ accessToken: z.string(), expireIn: z.number() });
/** The code goes into records and log lines, so that it must look like one. */
const errorSchema = z.object({ code: z.string().check(z.regex(/^[\w.-]{1,128}$/)) });
const codeSchema = z.union([z.number(), z.string()]);
const oldErrorSchema = z.object({ errcode: codeSchema, sub_code: z.optional(z.nullable(codeSchema)) });
/** A banned IP address gets this instead of an answer. */
const punishedSchema = z.object({ status: z.literal(1111) });

/** Codes of the older API that pass by themselves: busy, throttled, a month's quota, platform-side time-outs. */
const TRANSIENT_ERRCODES = new Set(['-1', '15', '88', '90002', '90006', '90018', '90020', '90030', '130101', '410100']);
const TOKEN_ERRCODES = new Set(['40014', '42001']);

/** One client per app; the token is kept as long as it is good, and fetched anew once when the platform refuses it. */
export function createDingtalkClient(config: ClientConfig, http: CallHttp, clock: Clock): DingtalkClient {
  let token: { value: string; until: number } | undefined;

  async function accessToken(signal?: AbortSignal): Promise<string> {
    if (token && clock.now() < token.until) return token.value;
    const body = JSON.stringify({ appKey: config.appKey, appSecret: config.appSecret });
    const answer = await http({
      service: 'dingtalk',
      method: 'POST',
      url: `${config.apiEndpoint}/v1.0/oauth2/accessToken`,
      headers: { 'content-type': 'application/json' },
      body,
      ...(signal ? { signal } : {}),
    });
    const { accessToken, expireIn } = read(answer, tokenSchema);
    token = { value: accessToken, until: clock.now() + expireIn * 1000 - RENEW_BEFORE_MS };
    return accessToken;
  }

  /** Runs a call, and once more with a new token if the platform no longer takes the one we hold. */
  async function withToken<T>(run: (token: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await run(await accessToken(signal));
    } catch (error) {
      if (!(error instanceof StaleTokenError)) throw error;
      token = undefined;
      return await run(await accessToken(signal));
    }
  }

  const oldUrl = (path: string, value: string) =>
    `${config.oapiEndpoint}${path}?access_token=${encodeURIComponent(value)}`;

  return {
    call: (request, schema) =>
      withToken(async (value) => {
        const query = request.query ? `?${new URLSearchParams(request.query)}` : '';
        const answer = await http({
          service: 'dingtalk',
          method: request.method,
          url: `${config.apiEndpoint}${request.path}${query}`,
          headers: { 'content-type': 'application/json', 'x-acs-dingtalk-access-token': value },
          ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
          ...(request.signal ? { signal: request.signal } : {}),
        });
        return read(answer, schema);
      }, request.signal),
    getOld: (path, schema) =>
      withToken(async (value) => {
        const url = oldUrl(path, value);
        return readOld(await http({ service: 'dingtalk', method: 'GET', url, headers: {} }), schema);
      }),
    callOld: (path, body, schema, signal) =>
      withToken(async (value) => {
        const answer = await http({
          service: 'dingtalk',
          method: 'POST',
          url: oldUrl(path, value),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          ...(signal ? { signal } : {}),
        });
        return readOld(answer, schema);
      }, signal),
  };
}

/** The token was refused: a TransientError of its own kind, so that a new one is tried. */
class StaleTokenError extends TransientError {}

function read<T>(answer: HttpAnswer, schema: z.ZodMiniType<T>): T {
  const json = parseJson(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new TransientError(
      'dingtalk.bad_answer',
      'DingTalk answered HTTP 200 with something else than its API documents',
    );
  }
  const error = errorSchema.safeParse(json);
  const code = error.success ? error.data.code : `http_${answer.status}`;
  const message = `DingTalk refused the call: ${code} (HTTP ${answer.status})`;
  if (code === 'InvalidAuthentication') throw new StaleTokenError(`dingtalk.${code}`, message);
  if (!error.success || isTransientCode(code, answer.status)) throw new TransientError(`dingtalk.${code}`, message);
  throw new PermanentError(`dingtalk.${code}`, message);
}

/**
 * Throttling is HTTP 403 here, so the code decides, not the status.
 * https://open.dingtalk.com/document/development/how-to-process-api-throttling-on-the-dingtalk-server
 */
function isTransientCode(code: string, status: number): boolean {
  return (
    status >= 500 ||
    status === 429 ||
    /QpsLimit|QpmLimit|ApiCountLimit|ServiceUnavailable|systemError|too\.fast/i.test(code)
  );
}

function readOld<T>(answer: HttpAnswer, schema: z.ZodMiniType<T>): T {
  const json = parseJson(answer.body);
  const errcode = oldErrcode(json);
  if (errcode === '0') {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
  }
  if (TOKEN_ERRCODES.has(errcode ?? ''))
    throw new StaleTokenError(`dingtalk.${errcode}`, 'DingTalk refused the access token');
  throw oldError(errcode, answer.status);
}

/**
 * The `errcode` of an answer of the older API as text, `0` for success; undefined where there is none. Behind the
 * gateway's 88 the real code stands in `sub_code`; an empty one is a time-out inside the platform.
 */
export function oldErrcode(json: unknown): string | undefined {
  if (punishedSchema.safeParse(json).success) return '1111';
  const parsed = oldErrorSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { errcode, sub_code } = parsed.data;
  return String(errcode) === '88' && sub_code ? String(sub_code) : String(errcode);
}

/** The error for such an `errcode`; without one the answer is not the API's and passes by itself. */
export function oldError(errcode: string | undefined, status: number): TransientError | PermanentError {
  const code = errcode === undefined || errcode === '0' ? 'bad_answer' : errcode;
  const message = `DingTalk refused the call: errcode ${code} (HTTP ${status})`;
  const transient = code === 'bad_answer' || code === '1111' || TRANSIENT_ERRCODES.has(code);
  return transient ? new TransientError(`dingtalk.${code}`, message) : new PermanentError(`dingtalk.${code}`, message);
}
