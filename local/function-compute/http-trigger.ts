import type { HttpHandler, HttpRequest, HttpResponse } from '../http/server.ts';
import { createNonceMemory } from '../signatures/nonce-memory.ts';
import { verifyAcs3 } from '../signatures/verify-acs3.ts';
import { errorResponse } from './api-error.ts';
import type { DeployedFunction } from './deployed-function.ts';
import type { HttpTriggerConfig } from './function-definition.ts';
import { httpEvent } from './http-event.ts';
import { httpResult } from './http-result.ts';
import { type Invocations, MAX_PAYLOAD_BYTES } from './invocations.ts';
import type { InvokeResult } from './invoke-result.ts';
import type { Platform } from './platform.ts';

/** Limits: https://help.aliyun.com/document_detail/191345.html */
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_PATH_BYTES = 4 * 1024;

/** Serves one HTTP trigger; `config` is asked anew for each request, so that an update keeps the port. */
export function createHttpTrigger(options: {
  platform: Platform;
  invocations: Invocations;
  target: DeployedFunction;
  domainPrefix: string;
  config: () => HttpTriggerConfig;
}): HttpHandler {
  const { platform, invocations, target, domainPrefix } = options;
  const nonces = createNonceMemory({ clock: platform.realClock });
  return async (request) => {
    const requestId = platform.newRequestId();
    const problem = limitProblem(request) ?? accessProblem(options.config(), request, { platform, nonces });
    if (problem) return platformError(problem, requestId);
    const type = request.headers['x-fc-invocation-type'] === 'Async' ? 'Async' : 'Sync';
    const event = httpEvent(platform, request, { requestId, domainPrefix });
    const payloadBytes = request.body.length;
    return toResponse(await invocations.invoke(target, event, { type, requestId, payloadBytes }));
  };
}

interface Problem {
  status: number;
  code: string;
  message: string;
}

function limitProblem(request: HttpRequest): Problem | undefined {
  const invalid = (message: string) => ({ status: 400, code: 'InvalidArgument', message });
  const pathBytes =
    Buffer.byteLength(request.rawPath) + Buffer.byteLength(request.rawQuery) + (request.rawQuery ? 1 : 0);
  if (pathBytes > MAX_PATH_BYTES) return invalid(`the path with its query is longer than ${MAX_PATH_BYTES} bytes`);
  const headerBytes = Object.entries(request.headers).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(value)),
    0,
  );
  if (headerBytes > MAX_HEADER_BYTES) return invalid(`the headers are larger than ${MAX_HEADER_BYTES} bytes`);
  if (request.body.length > MAX_PAYLOAD_BYTES.Sync) return invalid('the body is larger than 32 MB');
  if (!isDecodable(request.rawPath)) return invalid('the path is not percent-encoded UTF-8');
  return undefined;
}

function accessProblem(
  config: HttpTriggerConfig,
  request: HttpRequest,
  { platform, nonces }: { platform: Platform; nonces: ReturnType<typeof createNonceMemory> },
): Problem | undefined {
  const denied = (message: string) => ({ status: 403, code: 'AccessDenied', message });
  if (config.disableURLInternet) return denied('access over the Internet is disabled for this trigger');
  if (!config.methods.some((method) => method === request.method)) {
    return denied(`the method ${request.method} is not among those of the trigger: ${config.methods.join(', ')}`);
  }
  if (config.authType === 'anonymous') return undefined;
  const { identities, realClock } = platform;
  const { refusal } = verifyAcs3(request, { identities, clock: realClock, nonces });
  // A call without a complete signature is 400, a wrong signature 403: https://help.aliyun.com/document_detail/85445.html
  return refusal && { ...refusal, status: refusal.code === 'IncompleteSignature' ? 400 : 403 };
}

function toResponse(result: InvokeResult): HttpResponse {
  const { requestId } = result;
  if (result.kind === 'refused') return platformError(result, requestId);
  const platformHeaders = { 'x-fc-request-id': requestId };
  if (result.kind === 'accepted') return { status: 202, headers: platformHeaders };
  if (result.functionError) {
    const headers = { ...platformHeaders, 'x-fc-error-type': result.functionError, 'content-type': 'application/json' };
    return { status: 502, headers, body: result.payload };
  }
  const response = httpResult(result.payload);
  if (!response) {
    const message = 'the headers of the response are malformed or larger than 8 KB';
    return platformError({ status: 502, code: 'BadResponse', message }, requestId);
  }
  // The default public domain turns every answer into a download.
  return { ...response, headers: { ...response.headers, ...platformHeaders, 'content-disposition': 'attachment' } };
}

function platformError(problem: Problem, requestId: string): HttpResponse {
  const response = errorResponse(problem, requestId);
  return { ...response, headers: { ...response.headers, 'x-fc-error-type': 'FcCommonError' } };
}

function isDecodable(rawPath: string): boolean {
  try {
    decodeURIComponent(rawPath);
    return true;
  } catch {
    return false;
  }
}
