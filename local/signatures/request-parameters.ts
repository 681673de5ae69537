import type { HttpRequest } from '../http/server.ts';

/** The parameters of a call of RPC style: those of the query, then those of a form body, decoded. */
export function requestParameters(request: HttpRequest): [string, string][] {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return [...request.query, ...(isForm ? new URLSearchParams(request.body.toString('utf8')) : [])];
}
