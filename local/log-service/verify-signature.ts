import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { HttpRequest } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { MAX_SKEW_MS } from '../signatures/check-timestamp.ts';
import { equalSecrets } from '../signatures/equal-secrets.ts';
import { SlsError } from './sls-error.ts';

const AUTHORIZATION = /^LOG ([^:\s]{1,128}):([A-Za-z0-9+/]{43}=)$/;
const RFC_1123 = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * The signature that the official client sends, HMAC-SHA256 in the scheme of version 1: method, content-md5,
 * content-type, date, all `x-log-*` and `x-acs-*` headers, path and query. Throws SlsError.
 * https://help.aliyun.com/en/sls/developer-reference/request-signatures, with `hmac-sha256` as @alicloud/gateway-sls 0.3 has it
 */
export function verifySignature(request: HttpRequest, { identities, clock }: { identities: Identities; clock: Clock }) {
  const header = (name: string) => String(request.headers[name] ?? '');
  const [, key, signature = ''] = AUTHORIZATION.exec(header('authorization')) ?? [];
  if (key === undefined)
    throw new SlsError(401, 'Unauthorized', 'Authorization is not "LOG <AccessKeyId>:<signature>".');
  const identity = identities.find(key);
  if (!identity || !equalSecrets(identity.securityToken ?? '', header('x-acs-security-token')))
    throw new SlsError(401, 'Unauthorized', 'The AccessKeyId is not known, or its security token is another one.');
  if (header('x-log-apiversion') !== '0.6.0')
    throw new SlsError(400, 'InvalidAPIVersion', 'x-log-apiversion must be 0.6.0.');
  if (header('x-log-signaturemethod') !== 'hmac-sha256')
    throw new SlsError(400, 'InvalidSignatureMethod', 'x-log-signaturemethod must be hmac-sha256.');
  checkDate(header('date'), clock);
  const md5 = request.body.length === 0 ? '' : createHash('md5').update(request.body).digest('hex').toUpperCase();
  const expected = createHmac('sha256', identity.accessKeySecret).update(stringToSign(request)).digest('base64');
  if (header('content-md5') !== md5 || !equalSecrets(signature, expected))
    throw new SlsError(401, 'SignatureNotMatch', 'The signature does not match the request.');
}

function checkDate(date: string, clock: Clock): void {
  if (!RFC_1123.test(date)) throw new SlsError(400, 'InvalidRequestTime', 'The header date is not of RFC 1123.');
  if (!(Math.abs(clock.now() - Date.parse(date)) <= MAX_SKEW_MS))
    throw new SlsError(400, 'RequestTimeExpired', 'The time of the request is more than 15 minutes off.');
}

function stringToSign({ method, rawPath, query, headers }: HttpRequest): string {
  const plain = ['content-md5', 'content-type', 'date'].map((name) => `${headers[name] ?? ''}\n`);
  const own = Object.keys(headers).filter((name) => /^x-(log|acs)-/.test(name));
  const signed = own.sort().map((name) => `${name}:${headers[name]}\n`);
  const parameters = [...query].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  const resource = parameters.length === 0 ? rawPath : `${rawPath}?${parameters.join('&')}`;
  return `${method}\n${plain.join('')}${signed.join('')}${resource}`;
}
