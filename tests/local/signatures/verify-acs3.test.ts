import { acs3StringToSign, verifyAcs3 } from '../../../local/signatures/verify-acs3.ts';
import { httpRequest, verifierAt } from './signed-request.ts';

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SIGNED =
  'host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version';
const SIGNATURE = '50d5cb0cb5733191039dda0ccf99340120c70bd55080480852ff029cb35bd3b6';
const HEADERS = {
  host: '127.0.0.1:18080',
  'x-acs-action': 'InvokeCommand',
  'x-acs-version': '2014-05-26',
  'x-acs-date': '2026-01-01T00:00:00Z',
  'x-acs-signature-nonce': '0123456789abcdef',
  'x-acs-credentials-provider': 'static_ak',
  'x-acs-content-sha256': EMPTY_HASH,
  authorization: `ACS3-HMAC-SHA256 Credential=AKDEMO,SignedHeaders=${SIGNED},Signature=${SIGNATURE}`,
};
// As node's querystring writes it: `! ( ) *` stay raw.
const QUERY =
  'CommandId=c-demo&InstanceId.1=i-a&InstanceId.2=i-b&Parameters=%7B%22msg%22%3A%22it%27s%20(ok)*!%22%7D' +
  '&RegionId=cn-hangzhou&Tag.1.Key=k&Tag.1.Value=';
const vector = (headers: Record<string, string | undefined> = {}) =>
  httpRequest({ rawQuery: QUERY, headers: { ...HEADERS, ...headers } });

test('the canonical request of the test vector has the known hash', () => {
  expect(acs3StringToSign(vector(), SIGNED.split(';'), EMPTY_HASH)).toBe(
    'ACS3-HMAC-SHA256\nc2a75dc39de2a1d985064f3dca194d1e3369a844b0a9a71aa779b97e4baf10fb',
  );
});

test('the test vector is accepted, once', () => {
  const verifier = verifierAt();
  expect(verifyAcs3(vector(), verifier).identity?.name).toBe('root');
  expect(verifyAcs3(vector(), verifier).refusal).toMatchObject({ status: 400, code: 'SignatureNonceUsed' });
});

test('a request whose signature fails does not use its nonce up', () => {
  const verifier = verifierAt();
  const forged = vector({ 'x-acs-action': 'DeleteCommand' });
  expect(verifyAcs3(forged, verifier).refusal?.code).toBe('SignatureDoesNotMatch');
  expect(verifyAcs3(vector(), verifier).identity?.name).toBe('root');
});

test.each([
  ['14:59 late', '2026-01-01T00:14:59Z', undefined],
  ['15:00 early', '2025-12-31T23:45:00Z', undefined],
  ['15:01 late', '2026-01-01T00:15:01Z', 'InvalidTimeStamp.Expired'],
  ['15:01 early', '2025-12-31T23:44:59Z', 'InvalidTimeStamp.Expired'],
])('a request that is %s is judged by its date', (_name, now, code) => {
  expect(verifyAcs3(vector(), verifierAt(now)).refusal?.code).toBe(code);
});

const authorization = (key: string, signed: string, signature: string) =>
  `ACS3-HMAC-SHA256 Credential=${key},SignedHeaders=${signed},Signature=${signature}`;

test.each<[string, Record<string, string | undefined>, number, string]>([
  ['no Authorization header', { authorization: undefined }, 400, 'IncompleteSignature'],
  ['another algorithm', { authorization: HEADERS.authorization.replace('SHA256', 'SM3') }, 400, 'IncompleteSignature'],
  ['a signature cut short', { authorization: HEADERS.authorization.slice(0, -1) }, 400, 'IncompleteSignature'],
  ['an unsigned x-acs header', { 'x-acs-security-token': 'token-1' }, 400, 'IncompleteSignature'],
  ['an unsigned content-type', { 'content-type': 'text/plain' }, 400, 'IncompleteSignature'],
  ['no nonce', { 'x-acs-signature-nonce': '' }, 400, 'MissingSignatureNonce'],
  [
    'an unknown key',
    { authorization: authorization('AKOTHER', SIGNED, SIGNATURE) },
    404,
    'InvalidAccessKeyId.NotFound',
  ],
  [
    'an STS key without token',
    { authorization: authorization('STS.1', SIGNED, SIGNATURE) },
    400,
    'MissingSecurityToken',
  ],
  ['a date with milliseconds', { 'x-acs-date': '2026-01-01T00:00:00.000Z' }, 400, 'InvalidTimeStamp.Format'],
  ['a date that does not exist', { 'x-acs-date': '2026-13-01T00:00:00Z' }, 400, 'InvalidTimeStamp.Format'],
  ['the hash of another body', { 'x-acs-content-sha256': SIGNATURE }, 400, 'SignatureDoesNotMatch'],
  ['another host', { host: '127.0.0.1:18081' }, 400, 'SignatureDoesNotMatch'],
  ['a wrong signature', { authorization: authorization('AKDEMO', SIGNED, EMPTY_HASH) }, 400, 'SignatureDoesNotMatch'],
])('%s is refused', (_name, headers, status, code) => {
  expect(verifyAcs3(vector(headers), verifierAt()).refusal).toMatchObject({ status, code });
});

test.each([
  ['path', { rawPath: '/other' }],
  ['method', { method: 'GET' }],
  ['query', { query: new URLSearchParams(`${QUERY}x`) }],
])('a changed %s is refused', (_name, change) => {
  expect(verifyAcs3({ ...vector(), ...change }, verifierAt()).refusal?.code).toBe('SignatureDoesNotMatch');
});

test('a changed body is refused', () => {
  const request = { ...vector(), body: Buffer.from('中文 🙂') };
  expect(verifyAcs3(request, verifierAt()).refusal).toMatchObject({ status: 400, code: 'SignatureDoesNotMatch' });
});
