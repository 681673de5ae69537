import { createHash } from 'node:crypto';
import type { HttpRequest } from '../http/server.ts';
import { requestParameters } from '../signatures/request-parameters.ts';
import { isAcs3 } from '../signatures/verify-signature.ts';
import type { ClientToken } from './records.ts';

/** What a request asks for, wherever it says so. */
export interface RpcCall {
  action: string;
  version: string;
  format: 'JSON' | 'XML';
  /** Those of the operation itself, flattened as they came. */
  parameters: [string, string][];
}

/** Parameters of the protocol, not of an operation. */
const PROTOCOL = new Set([
  'AccessKeyId',
  'Action',
  'Format',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'Timestamp',
  'Version',
]);

/** Headers count only where the signature covers them; Format defaults to XML in the older scheme. */
export function readCall(request: HttpRequest): RpcCall {
  const all = requestParameters(request);
  const given = new Map(all);
  const acs3 = isAcs3(request);
  const named = (header: string, parameter: string) =>
    String((acs3 ? request.headers[header] : undefined) ?? given.get(parameter) ?? '');
  const format = (given.get('Format') || (acs3 ? 'JSON' : 'XML')).toUpperCase();
  return {
    action: named('x-acs-action', 'Action'),
    version: named('x-acs-version', 'Version'),
    format: format === 'JSON' ? 'JSON' : 'XML',
    parameters: all.filter(([name]) => !PROTOCOL.has(name)),
  };
}

/** The same call again, by either signature and in any order of parameters, has the same key and digest. */
export function clientTokenOf({ action, parameters }: RpcCall): ClientToken | undefined {
  const token = new Map(parameters).get('ClientToken');
  if (!token) return undefined;
  const sorted = parameters.map((pair) => JSON.stringify(pair)).sort();
  return { key: `${action}:${token}`, digest: createHash('sha256').update(sorted.join('\n')).digest('hex') };
}
