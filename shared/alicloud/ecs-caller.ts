import OpenApiClient, { $OpenApiUtil, OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import * as z from 'zod/mini';
import { PermanentError, TransientError } from '../errors.ts';
import type { Credentials } from './credentials.ts';

/**
 * ECS through the core of the official SDK, which signs and sends; callers describe a call with the SDK's own request
 * models. The SDK's whole ECS client would cost a cold start half a second.
 */
export interface EcsCaller {
  /** One API call; `query` in the API's own names, as a request model's `toMap()` gives them. */
  call<T>(action: string, query: Record<string, unknown>, schema: z.ZodMiniType<T>): Promise<T>;
}

export interface EcsConfig {
  /** `ecs-cn-hangzhou.aliyuncs.com`, or `127.0.0.1:<port>`. */
  endpoint: string;
  protocol: 'http' | 'https';
  regionId: string;
  credentials: () => Credentials;
  /** To connect and to read, each. Default 5,000. */
  timeoutMs?: number;
}

export function createEcsCaller(config: EcsConfig): EcsCaller {
  return {
    async call(action, query, schema) {
      const answer = answerSchema.safeParse(await send(config, action, query));
      const parsed = answer.success ? schema.safeParse(answer.data.body) : answer;
      if (parsed.success) return parsed.data;
      throw new TransientError('ecs.bad_answer', `ECS answered ${action} with something else than its API documents`);
    },
  };
}

const answerSchema = z.object({ body: z.unknown() });

async function send(config: EcsConfig, action: string, query: Record<string, unknown>): Promise<unknown> {
  const { accessKeyId, accessKeySecret, securityToken } = config.credentials();
  const timeoutMs = config.timeoutMs ?? 5_000;
  const client = new OpenApiClient(
    new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
      endpoint: config.endpoint,
      protocol: config.protocol,
      regionId: config.regionId,
      connectTimeout: timeoutMs,
      readTimeout: timeoutMs,
    }),
  );
  const params = new $OpenApiUtil.Params({
    action,
    version: '2014-05-26',
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const request = new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(query) });
  try {
    return await client.callApi(params, request, new RuntimeOptions({}));
  } catch (error) {
    throw classify(action, error);
  }
}

/** Nothing is known of what became of the call: it may have been carried out. */
export const UNANSWERED = 'ecs.unreachable';

const sdkErrorSchema = z.object({ code: z.string(), statusCode: z.optional(z.number()) });

/** Our keys or our clock are wrong: nothing about the request is, so it is neither refused nor quietly retried. */
const SETUP_CODES =
  /^(SignatureDoesNotMatch|IncompleteSignature|InvalidAccessKeyId|InvalidSecurityToken|SecurityToken|InvalidTimeStamp)/;
const TRANSIENT_CODES =
  /^(Throttling|ServiceUnavailable|InternalError|IdempotentProcessing|SignatureNonceUsed|OperationConflict)/;

/** The API's `Code` decides, not the HTTP status: throttling is a 400 and a repeated token a 403. */
function classify(action: string, error: unknown): Error {
  const known = sdkErrorSchema.safeParse(error);
  // No code: the connection failed, timed out, or the answer was not JSON. The SDK throws plain errors for those.
  if (!known.success || !/^[A-Z][\w.-]{0,99}$/.test(known.data.code) || known.data.statusCode === undefined) {
    return new TransientError(UNANSWERED, `ECS gave no usable answer to ${action}`, { cause: error });
  }
  const { code, statusCode } = known.data;
  const message = `ECS refused ${action}: ${code} (HTTP ${statusCode})`;
  if (SETUP_CODES.test(code)) return new Error(`${message}; check the function's role and the clock`, { cause: error });
  if (statusCode >= 500 || TRANSIENT_CODES.test(code))
    return new TransientError(`ecs.${code}`, message, { cause: error });
  return new PermanentError(`ecs.${code}`, message, { cause: error });
}

/** Where ECS answers: the given URL, or the region's public endpoint (cn-hangzhou alone has a name of its own kind). */
export function ecsEndpoint(region: string, url?: string): Pick<EcsConfig, 'endpoint' | 'protocol'> {
  if (url !== undefined) return { endpoint: new URL(url).host, protocol: url.startsWith('https:') ? 'https' : 'http' };
  return {
    endpoint: region === 'cn-hangzhou' ? 'ecs-cn-hangzhou.aliyuncs.com' : `ecs.${region}.aliyuncs.com`,
    protocol: 'https',
  };
}
