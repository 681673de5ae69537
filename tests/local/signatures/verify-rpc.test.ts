import { verifyRpc } from '../../../local/signatures/verify-rpc.ts';
import { httpRequest, verifierAt } from './signed-request.ts';

const COMMON = {
  Action: 'DescribeInvocationResults',
  Version: '2014-05-26',
  Format: 'JSON',
  AccessKeyId: 'AKDEMO',
  SignatureMethod: 'HMAC-SHA1',
  SignatureVersion: '1.0',
  SignatureNonce: 'n-1',
  Timestamp: '2026-01-01T00:00:00Z',
  RegionId: 'cn-hangzhou',
  InvokeId: 't-1',
};
const GET_SIGNATURE = '70myZme5OqZ7zgM98kXgSAYo9rM=';
const POST_SIGNATURE = 'PWfqNjf97kqpDKbXe9yUu6d3UmY=';

const get = (parameters: Record<string, string>) => {
  const rawQuery = new URLSearchParams({ ...COMMON, Signature: GET_SIGNATURE, ...parameters }).toString();
  return httpRequest({ method: 'GET', rawQuery });
};
const post = (parameters: Record<string, string>) =>
  httpRequest({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams({ ...COMMON, Signature: POST_SIGNATURE, ...parameters }).toString()),
  });

test.each([
  ['GET', get({})],
  ['POST', post({})],
])('the test vector for %s is accepted', (_name, request) => {
  expect(verifyRpc(request, verifierAt()).identity?.name).toBe('root');
});

test('the published example is accepted', () => {
  const rawQuery =
    'Timestamp=2016-02-23T12:46:24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1' +
    '&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0' +
    '&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D';
  const request = httpRequest({ method: 'GET', rawQuery });
  expect(verifyRpc(request, verifierAt('2016-02-23T12:46:24Z')).identity?.name).toBe('published example');
});

test('a nonce is accepted once for a key', () => {
  const verifier = verifierAt();
  expect(verifyRpc(get({}), verifier).identity?.name).toBe('root');
  expect(verifyRpc(get({}), verifier).refusal).toMatchObject({ status: 400, code: 'SignatureNonceUsed' });
  expect(verifyRpc(post({}), verifier).refusal?.code).toBe('SignatureNonceUsed');
});

test.each<[string, Record<string, string>, number, string]>([
  ['no key', { AccessKeyId: '' }, 400, 'MissingAccessKeyId'],
  ['no nonce', { SignatureNonce: '' }, 400, 'MissingSignatureNonce'],
  ['no signature', { Signature: '' }, 400, 'MissingSignature'],
  ['another method', { SignatureMethod: 'HMAC-SHA256' }, 400, 'IncompleteSignature'],
  ['an unknown key', { AccessKeyId: 'AKOTHER' }, 404, 'InvalidAccessKeyId.NotFound'],
  ['an STS key without token', { AccessKeyId: 'STS.1' }, 400, 'MissingSecurityToken'],
  [
    'an STS key with another token',
    { AccessKeyId: 'STS.1', SecurityToken: 'token-2' },
    400,
    'InvalidSecurityToken.MismatchWithAccessKey',
  ],
  ['a permanent key with a token', { SecurityToken: 'token-1' }, 400, 'InvalidSecurityToken.MismatchWithAccessKey'],
  ['a date in words', { Timestamp: 'yesterday' }, 400, 'InvalidTimeStamp.Format'],
  ['an old date', { Timestamp: '2025-12-31T23:44:59Z' }, 400, 'InvalidTimeStamp.Expired'],
  ['a changed parameter', { InvokeId: 't-2' }, 400, 'SignatureDoesNotMatch'],
  ['a parameter added', { InstanceId: '中文 🙂' }, 400, 'SignatureDoesNotMatch'],
  ['the signature of another method', { Signature: POST_SIGNATURE }, 400, 'SignatureDoesNotMatch'],
])('%s is refused', (_name, parameters, status, code) => {
  expect(verifyRpc(get(parameters), verifierAt()).refusal).toMatchObject({ status, code });
});
