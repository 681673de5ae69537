import type { HttpRequest, HttpResponse } from '../http/server.ts';
import { ApiError } from './api-error.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { Invocations } from './invocations.ts';
import type { Platform } from './platform.ts';

/** What the operations work on. */
export interface Api {
  platform: Platform;
  registry: FunctionRegistry;
  invocations: Invocations;
  /** Unpacks a zip to a new folder and gives its path. */
  unpack(zip: Buffer): Promise<string>;
}

export interface ApiCall {
  request: HttpRequest;
  requestId: string;
  /** What the path's groups matched: the function's name, the trigger's name. */
  names: string[];
}

export interface Operation {
  /** As the SDK calls it; fault rules use it too. */
  name: string;
  method: string;
  path: RegExp;
  run(call: ApiCall): Promise<HttpResponse>;
}

/** `/2023-03-30/functions` and what comes below; `*` stands for a name. */
export function functionsPath(below: string): RegExp {
  return new RegExp(`^/2023-03-30/functions${below.replaceAll('*', '([\\w-]+)')}$`);
}

export function jsonResponse(requestId: string, body: unknown): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-fc-request-id': requestId },
    body: JSON.stringify(body),
  };
}

export function emptyResponse(requestId: string): HttpResponse {
  return { status: 204, headers: { 'x-fc-request-id': requestId } };
}

export function jsonBody(request: HttpRequest): unknown {
  try {
    return JSON.parse(request.body.toString());
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'the request body is not JSON');
  }
}

/** One page of a list that is sorted by name; `nextToken` is the first name of the next page. */
export function page<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  query: URLSearchParams,
): { items: T[]; nextToken?: string } {
  const limit = Number(query.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new ApiError(400, 'InvalidArgument', `limit '${query.get('limit')}' is not within 1 to 100`);
  }
  const prefix = query.get('prefix') ?? '';
  const from = query.get('nextToken') ?? '';
  const wanted = items.filter((item) => nameOf(item).startsWith(prefix) && nameOf(item) >= from);
  const next = wanted[limit];
  return { items: wanted.slice(0, limit), ...(next === undefined ? {} : { nextToken: nameOf(next) }) };
}
