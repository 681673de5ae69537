import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../http/server.ts';
import type { Identities, Identity } from '../identities.ts';
import { EventBridgeError } from './event-bridge-error.ts';

const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * Who signed the request, by HMAC-SHA1 of the `acs` scheme: `acs:<key>:<signature>` as the npm SDK spells it or
 * `acs <key>:<signature>` as the document does. Neither the body nor `x-eventbridge-*` is signed. Throws
 * EventBridgeError 403.
 */
export function verifySignature(request: HttpRequest, identities: Identities, now: number): Identity {
  const { accessKeyId, signature } = parseAuthorization(header(request, 'authorization'));
  const identity = findIdentity(request, identities, accessKeyId);
  checkDate(header(request, 'date'), now);
  if (header(request, 'x-acs-signature-method') !== 'HMAC-SHA1') refuseSignature('x-acs-signature-method: HMAC-SHA1');
  if (header(request, 'x-acs-signature-version') !== '1.0') refuseSignature('x-acs-signature-version: 1.0');
  if (header(request, 'x-acs-signature-nonce') === '') refuseSignature('x-acs-signature-nonce');
  const expected = createHmac('sha1', identity.accessKeySecret).update(stringToSign(request)).digest('base64');
  if (!isSame(expected, signature)) {
    throw new EventBridgeError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  return identity;
}

function parseAuthorization(text: string): { accessKeyId: string; signature: string } {
  const [, accessKeyId, signature] = /^acs[: ]([^:\s]{1,128}):([A-Za-z0-9+/=]{1,64})$/.exec(text) ?? [];
  if (accessKeyId === undefined || signature === undefined) {
    throw new EventBridgeError(
      403,
      'InvalidAccessKeyId',
      'The header authorization is not acs:<AccessKeyId>:<signature>.',
    );
  }
  return { accessKeyId, signature };
}

function findIdentity(request: HttpRequest, identities: Identities, accessKeyId: string): Identity {
  const token = header(request, 'x-acs-security-token');
  const identity = identities.find(accessKeyId);
  if (!identity) {
    const code = token ? 'InvalidStsAccessKeyId' : 'InvalidAccessKeyId';
    throw new EventBridgeError(403, code, 'The access Id you provided is not exist.');
  }
  if (!isSame(identity.securityToken ?? '', token)) {
    throw new EventBridgeError(403, 'SecurityTokenInvalid', 'The Security token that your provide is invalid.');
  }
  if (token && header(request, 'x-acs-accesskey-id') !== accessKeyId) {
    throw new EventBridgeError(403, 'InvalidStsAccessKeyId', 'x-acs-accesskey-id is not the key that signed.');
  }
  return identity;
}

function checkDate(date: string, now: number): void {
  const skew = Math.abs(Date.parse(date) - now);
  if (!(skew <= MAX_SKEW_MS)) refuseSignature('a date within 15 minutes of the time of the service');
}

function refuseSignature(expected: string): never {
  throw new EventBridgeError(403, 'SignatureDoesNotMatch', `The request needs the header ${expected}.`);
}

function stringToSign(request: HttpRequest): string {
  const acsHeaders = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-acs-'))
    .sort()
    .map(
      (name) =>
        `${name}:${header(request, name)
          .replace(/[\t\n\r\f]/g, ' ')
          .trim()}\n`,
    );
  const query = [...request.query].map(([name, value]) => `${name}=${value}`).sort();
  const resource = query.length === 0 ? request.rawPath : `${request.rawPath}?${query.join('&')}`;
  const plain = ['content-md5', 'content-type', 'date'].map((name) => `${header(request, name)}\n`);
  return `${request.method}\n${plain.join('')}${acsHeaders.join('')}${resource}`;
}

function header(request: HttpRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function isSame(expected: string, given: string): boolean {
  return timingSafeEqual(digest(expected), digest(given));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
