import { Readable } from 'node:stream';
import EcsClient, { InvokeCommandRequest, InvokeCommandRequestTag } from '@alicloud/ecs20140526';
import FcClient, { InvokeFunctionRequest } from '@alicloud/fc20230330';
import { Config } from '@alicloud/openapi-core/dist/utils';
import PopClient from '@alicloud/pop-core';
import { type RunningServer, serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createNonceMemory } from '../../../local/signatures/nonce-memory.ts';
import { verifySignature } from '../../../local/signatures/verify-signature.ts';
import { createSystemClock } from '../../../shared/clock.ts';

let server: RunningServer;
let lastPath = '';

beforeAll(async () => {
  const clock = createSystemClock();
  const identities = createIdentities('1234567890123456');
  identities.add({ accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO', name: 'root' });
  identities.add({ accessKeyId: 'STS.1', accessKeySecret: 'SKSTS', securityToken: 'token-1', name: 'function' });
  const nonces = createNonceMemory({ clock });
  server = await serve(async (request) => {
    lastPath = request.rawPath;
    const { identity, refusal } = verifySignature(request, { identities, clock, nonces });
    const body = identity ? { InvokeId: identity.name } : { Code: refusal.code, Message: refusal.message };
    return {
      status: refusal?.status ?? 200,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
  });
});
afterAll(() => server.close());

const KEY = { accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO' };
const STS = { accessKeyId: 'STS.1', accessKeySecret: 'SKSTS', securityToken: 'token-1' };
const config = (key: object) =>
  new Config({ ...key, endpoint: `127.0.0.1:${server.port}`, protocol: 'http', regionId: 'cn-hangzhou' });

const invoke = (client: EcsClient) =>
  client.invokeCommand(
    new InvokeCommandRequest({
      regionId: 'cn-hangzhou',
      commandId: 'c-1',
      instanceId: ['i-a', 'i-b'],
      parameters: { text: `~!*'() +&=%/ 中文 🙂\n` },
      tag: [new InvokeCommandRequestTag({ key: 'empty', value: '' })],
    }),
  );

test.each([
  ['a permanent key', KEY, {}, 'root'],
  ['an STS key', STS, {}, 'function'],
  ['the older scheme', KEY, { signatureAlgorithm: 'v2' }, 'root'],
  ['the older scheme and an STS key', STS, { signatureAlgorithm: 'v2' }, 'function'],
])('the ECS client is accepted with %s', async (_name, key, more, name) => {
  const { body } = await invoke(new EcsClient(config({ ...key, ...more })));
  expect(body?.invokeId).toBe(name);
});

test('the ECS client is refused with a wrong secret', async () => {
  const client = new EcsClient(config({ ...KEY, accessKeySecret: 'wrong' }));
  await expect(invoke(client)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch', statusCode: 400 });
});

test('the Function Compute client is accepted with a path and a body of its own', async () => {
  const client = new FcClient(config(KEY));
  const request = new InvokeFunctionRequest({ qualifier: 'LATEST', body: Readable.from([Buffer.from('{"中":"🙂"}')]) });
  const { body } = await client.invokeFunction('dispatch$a b', request);
  expect(lastPath).toBe('/2023-03-30/functions/dispatch%24a%20b/invocations');
  expect(await new Response(body).json()).toEqual({ InvokeId: 'root' });
});

test.each(['GET', 'POST'])('pop-core is accepted with %s', async (method) => {
  const client = new PopClient({ ...KEY, endpoint: server.origin, apiVersion: '2014-05-26' });
  const answer = await client.request(
    'InvokeCommand',
    { RegionId: 'cn-hangzhou', 'Tag.1.Value': `~!*'() 中文 🙂` },
    { method },
  );
  expect(answer).toEqual({ InvokeId: 'root' });
});
