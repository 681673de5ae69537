import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { PermanentError, TransientError } from '../../errors.ts';
import type { CallHttp, HttpAnswer } from '../../http/call.ts';
import { parseJson } from '../../json.ts';

export interface ClientConfig {
  appId: string;
  appSecret: string;
  /** https://open.feishu.cn or https://open.larksuite.com */
  endpoint: string;
}

/** Lark's REST API as far as the loop needs it. What an answer has under `data` is parsed by the caller's schema. */
export interface LarkClient {
  call<T>(request: ApiRequest, schema: z.ZodMiniType<T>): Promise<T>;
}

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Behind the host, with every part already percent-encoded. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** Tokens live 7,200 s, and for the last 30 minutes of one there is a new one. */
const RENEW_BEFORE_MS = 10 * 60_000;

/** https://open.feishu.cn/document/ukTMukTMukTM/ukDNz4SO0MjL5QzM/auth-v3/auth/tenant_access_token_internal */
const tokenSchema = z.object({ tenant_access_token: z.string(), expire: z.number() });
/** The code goes into records and log lines, so that it must look like one. */
const codeSchema = z.object({
  code: z.pipe(z.union([z.number(), z.string()]), z.transform(String)).check(z.regex(/^-?\d{1,12}$/)),
});
const dataSchema = z.object({ data: z.unknown() });

/** Messages of an app, one still on its way, and those of a custom bot. */
const TOO_FAST_CODES = ['230020', '230049', '11232'];
/**
 * Codes that pass by themselves: the rate limit, which some APIs answer with HTTP 400, the quota of the month, and
 * faults of the platform. https://open.feishu.cn/document/ukTMukTMukTM/ugjM14COyUjL4ITN
 */
const TRANSIENT_CODES = new Set(['99991400', '99991403', '1395001', ...TOO_FAST_CODES]);
/** A token that is missing, invalid, expired, or of another kind than the API takes. */
const TOKEN_CODES = new Set(['99991661', '99991663', '99991664', '99991668', '99991671']);

/** One client per app; the token is kept as long as it is good, and fetched anew once when the platform refuses it. */
export function createLarkClient(config: ClientConfig, http: CallHttp, clock: Clock): LarkClient {
  let token: { value: string; until: number } | undefined;

  async function accessToken(signal?: AbortSignal): Promise<string> {
    if (token && clock.now() < token.until) return token.value;
    const path = '/open-apis/auth/v3/tenant_access_token/internal';
    const body = { app_id: config.appId, app_secret: config.appSecret };
    const { tenant_access_token: value, expire } = read(
      await send({ method: 'POST', path, body, signal }),
      tokenSchema,
    );
    token = { value, until: clock.now() + expire * 1000 - RENEW_BEFORE_MS };
    return value;
  }

  function send(request: ApiRequest, authorization: Record<string, string> = {}): Promise<HttpAnswer> {
    const query = request.query ? `?${new URLSearchParams(request.query)}` : '';
    return http({
      service: 'lark',
      method: request.method,
      url: `${config.endpoint}${request.path}${query}`,
      headers: { 'content-type': 'application/json; charset=utf-8', ...authorization },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
  }

  async function call<T>(request: ApiRequest, schema: z.ZodMiniType<T>): Promise<T> {
    const authorization = `Bearer ${await accessToken(request.signal)}`;
    return readData(await send(request, { authorization }), schema);
  }

  return {
    call: async (request, schema) => {
      try {
        return await call(request, schema);
      } catch (error) {
        if (!(error instanceof StaleTokenError)) throw error;
        token = undefined;
        return await call(request, schema);
      }
    },
  };
}

/** The token was refused: a TransientError of its own kind, so that a new one is tried. */
class StaleTokenError extends TransientError {}

function readData<T>(answer: HttpAnswer, schema: z.ZodMiniType<T>): T {
  const { data } = read(answer, dataSchema);
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw badAnswer();
}

/** The answer as `schema` has it; errors are told by `code`, under whichever status they come. */
function read<T>(answer: HttpAnswer, schema: z.ZodMiniType<T>): T {
  const json = parseJson(answer.body);
  const code = larkCode(json);
  const isOk = answer.status >= 200 && answer.status < 300;
  if (isOk && (code === undefined || code === '0')) {
    const parsed = schema.safeParse(json);
    if (code === '0' && parsed.success) return parsed.data;
    throw badAnswer();
  }
  throw larkError(code, answer.status);
}

/** An answer of HTTP 200 that is not the API's; it passes by itself. */
export function badAnswer(): TransientError {
  return new TransientError('lark.bad_answer', 'Lark answered HTTP 200 with something else than its API documents');
}

/** The `code` of an answer as text, `0` for success; undefined where there is none. */
export function larkCode(json: unknown): string | undefined {
  return codeSchema.safeParse(json).data?.code;
}

/** The error for such a code; without one the answer is not the API's and passes by itself. */
export function larkError(code: string | undefined, status: number): TransientError | PermanentError {
  const known = code === '0' ? undefined : code;
  const name = `lark.${known ?? `http_${status}`}`;
  const message = `Lark refused the call: ${known === undefined ? '' : `code ${known} `}(HTTP ${status})`;
  if (known !== undefined && TOKEN_CODES.has(known)) return new StaleTokenError(name, message);
  const passes = known === undefined || TRANSIENT_CODES.has(known) || status >= 500 || status === 429;
  return passes ? new TransientError(name, message) : new PermanentError(name, message);
}
