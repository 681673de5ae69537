import * as z from 'zod/mini';
import { type HttpResponse, type RunningServer, serve } from '../../../local/http/server.ts';
import { createEcsCaller, ecsEndpoint } from '../../../shared/alicloud/ecs-caller.ts';
import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { answer, BROKEN, type RawServer, serveRaw } from '../http/raw-server.ts';
import { json } from './ecs-answers.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const SECRET = 'SK-secret';
const TOKEN = 'CAIS-secret-token';
const schema = z.object({ InvokeId: z.string() });

/** What a call comes to: its answer, or the error. */
async function outcome(starting: Promise<RunningServer | RawServer>, timeoutMs = 5_000): Promise<unknown> {
  const server = await starting;
  open.push(server);
  const ecs = createEcsCaller({
    endpoint: `127.0.0.1:${server.port}`,
    protocol: 'http',
    regionId: 'cn-hangzhou',
    credentials: () => ({ accessKeyId: 'AK', accessKeySecret: SECRET, securityToken: TOKEN }),
    timeoutMs,
  });
  return ecs.call('InvokeCommand', { RegionId: 'cn-hangzhou' }, schema).catch((error: unknown) => error);
}

let calls = 0;
const answering = (response: HttpResponse) => {
  calls = 0;
  return serve(async () => {
    calls += 1;
    return response;
  });
};

/** The shape of every error: https://www.alibabacloud.com/help/en/ecs/api-invokecommand */
const refusal = (status: number, code: unknown) =>
  json(status, {
    RequestId: 'R-1',
    HostId: 'ecs.cn-hangzhou.aliyuncs.com',
    Code: code,
    Message: `出错了; server string to sign is: ${TOKEN}`,
    Recommend: 'https://api.aliyun.com/troubleshoot',
  });

const text = (status: number, body: string, type = 'text/html'): HttpResponse => ({
  status,
  headers: { 'content-type': type },
  body,
});

test('an answer is what the schema takes of it', async () => {
  const response = json(200, { RequestId: 'R-1', InvokeId: 't-1', Other: null });
  expect(await outcome(answering(response))).toEqual({ InvokeId: 't-1' });
});

test.each([
  [400, 'Throttling'],
  [400, 'Throttling.User'],
  [400, 'Throttling.Api'],
  [429, 'Throttling.User'],
  [503, 'Throttling'],
  [500, 'InternalError'],
  [400, 'InternalError'],
  [500, 'InternalError.Dispatch'],
  [503, 'ServiceUnavailable'],
  [400, 'ServiceUnavailable'],
  [500, 'UnknownError'],
  [504, 'RequestTimeout'],
  [403, 'IdempotentProcessing'],
  [400, 'SignatureNonceUsed'],
  [409, 'OperationConflict'],
  [500, 'InvalidInstance.NotFound'],
])('HTTP %i %s is transient', async (status, code) => {
  const error = await outcome(answering(refusal(status, code)));
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({
    code: `ecs.${code}`,
    message: `ECS refused InvokeCommand: ${code} (HTTP ${status})`,
  });
  expect(calls).toBe(1);
});

test.each([
  [404, 'InvalidCmdId.NotFound'],
  [404, 'InvalidInstance.NotFound'],
  [400, 'InvalidInstance.NotMatch'],
  [404, 'InvalidRegionId.NotFound'],
  [400, 'RegionId.ApiNotSupported'],
  [400, 'InvalidParameter.WorkingDir'],
  [400, 'InvalidClientToken.Malformed'],
  [400, 'Parameter.MissingValue'],
  [400, 'Parameter.Disabled'],
  [403, 'Parameter.NotMatched'],
  [403, 'ParameterKey.Duplicate'],
  [403, 'CmdContent.ExceedLimit'],
  [403, 'InstanceIds.ExceedLimit'],
  [403, 'Invocation.ExceedQuota'],
  [403, 'Operation.Forbidden'],
  [403, 'Forbidden.RAM'],
  [403, 'IdempotentParameterMismatch'],
  [400, 'IdempotentParameterMismatch'],
  [400, 'MissingParameter'],
  [404, 'InvalidApi.NotFound'],
])('HTTP %i %s is permanent', async (status, code) => {
  const error = await outcome(answering(refusal(status, code)));
  expect(error).toBeInstanceOf(PermanentError);
  expect(error).toMatchObject({
    code: `ecs.${code}`,
    message: `ECS refused InvokeCommand: ${code} (HTTP ${status})`,
  });
  expect(calls).toBe(1);
});

test.each([
  [400, 'SignatureDoesNotMatch'],
  [400, 'IncompleteSignature'],
  [404, 'InvalidAccessKeyId.NotFound'],
  [400, 'InvalidAccessKeyId.Inactive'],
  [400, 'InvalidSecurityToken.Expired'],
  [400, 'InvalidSecurityToken.MismatchWithAccessKey'],
  [403, 'SecurityTokenExpired'],
  [400, 'InvalidTimeStamp.Expired'],
  [400, 'InvalidTimeStamp.Format'],
])('HTTP %i %s is a fault of the set-up: neither the request’s nor one that passes', async (status, code) => {
  const error = await outcome(answering(refusal(status, code)));
  expect(error).toMatchObject({
    name: 'Error',
    message: `ECS refused InvokeCommand: ${code} (HTTP ${status}); check the function's role and the clock`,
  });
});

test.each([
  ['transient', refusal(400, 'Throttling')],
  ['permanent', refusal(403, 'Forbidden.RAM')],
  ['of the set-up', refusal(400, 'SignatureDoesNotMatch')],
])('the message of an error that is %s holds nothing that was signed', async (_, response) => {
  expect(String(await outcome(answering(response)))).not.toMatch(/secret|R-1/);
});

const XML = 'text/xml;charset=utf-8';
test.each<[string, HttpResponse]>([
  ['HTML with 502', text(502, '<html>Bad Gateway</html>')],
  ['HTML with 403, as of a proxy', text(403, '<html>登录</html>')],
  ['HTML with 200', text(200, '<html>登录</html>')],
  ['nothing', text(200, '')],
  ['nothing with 500', text(500, '')],
  ['half an answer', text(200, '{"InvokeId":"t-', 'application/json')],
  ['half an error', text(400, '{"Code":"Forbid', 'application/json')],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ['an error that is null', json(400, null)],
  ['an error without a code', json(403, { Message: 'no' })],
  ['a code that is a number', refusal(400, 42)],
  ['a code that is an object', refusal(400, { a: 1 })],
  ['a code that is null', refusal(403, null)],
  ['a code that is none', refusal(400, 'A<script>\n')],
  ['a code in small letters', refusal(400, 'throttling')],
  ['a code without end', refusal(400, 'A'.repeat(5_000))],
  ['an error in broken XML', text(400, '<Error><Code>Forbidden.RAM', XML)],
])('%s is no usable answer, which is transient', async (_, response) => {
  const error = await outcome(answering(response));
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: 'ecs.unreachable', message: 'ECS gave no usable answer to InvokeCommand' });
  expect(calls).toBe(1);
});

test.each<[string, HttpResponse]>([
  ['an error inside', refusal(200, 'Forbidden.RAM')],
  ['throttling inside', refusal(200, 'Throttling')],
  ['a text where an object should be', json(200, 'InvokeId')],
  ['a list', json(200, [{ InvokeId: 't-1' }])],
  ['null', json(200, null)],
  ['a number where a text should be', json(200, { InvokeId: 5 })],
  ['null where a text should be', json(200, { InvokeId: null })],
  ['an object where a text should be', json(200, { InvokeId: {} })],
])('HTTP 200 with %s is transient', async (_, response) => {
  const error = await outcome(answering(response));
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({
    code: 'ecs.bad_answer',
    message: 'ECS answered InvokeCommand with something else than its API documents',
  });
});

test.each(Object.entries(BROKEN))('%s is transient', async (name, behaviour) => {
  const hangs = Object.keys(BROKEN).indexOf(name) >= Object.keys(BROKEN).length - 4;
  const error = await outcome(serveRaw(behaviour), hangs ? 60 : 5_000);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: 'ecs.unreachable' });
  expect(String(error)).not.toContain('secret');
});

test('nobody at the endpoint is transient', async () => {
  const server = await serve(async () => ({ status: 200 }));
  await server.close();
  expect(await outcome(Promise.resolve(server))).toMatchObject({ name: 'TransientError', code: 'ecs.unreachable' });
});

test('a call after one that timed out gets its own answer', async () => {
  let call = 0;
  const server = await serveRaw((socket) => {
    call += 1;
    if (call > 1) socket.write(answer('{"InvokeId":"t-2"}'));
  });
  expect(await outcome(Promise.resolve(server), 60)).toMatchObject({ code: 'ecs.unreachable' });
  expect(await outcome(Promise.resolve(server))).toEqual({ InvokeId: 't-2' });
});

test.each([
  ['cn-hangzhou', undefined, { endpoint: 'ecs-cn-hangzhou.aliyuncs.com', protocol: 'https' }],
  ['cn-shanghai', undefined, { endpoint: 'ecs.cn-shanghai.aliyuncs.com', protocol: 'https' }],
  ['cn-hangzhou', 'http://127.0.0.1:8080', { endpoint: '127.0.0.1:8080', protocol: 'http' }],
  [
    'cn-hangzhou',
    'https://ecs-vpc.cn-hangzhou.aliyuncs.com',
    { endpoint: 'ecs-vpc.cn-hangzhou.aliyuncs.com', protocol: 'https' },
  ],
])('the endpoint of %s, given %s', (region, url, expected) => {
  expect(ecsEndpoint(region, url)).toEqual(expected);
});
