import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EcsClient, {
  DescribeCommandsRequest,
  DescribeInvocationsRequest,
  DescribeInvocationsRequestTag,
  InvokeCommandRequest,
  InvokeCommandRequestTag,
  RunCommandRequest,
  RunCommandRequestTag,
} from '@alicloud/ecs20140526';
import { Config } from '@alicloud/openapi-core/dist/utils';
import { type HttpRequest, type HttpResponse, type RunningServer, serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createNonceMemory } from '../../../local/signatures/nonce-memory.ts';
import { verifyAcs3 } from '../../../local/signatures/verify-acs3.ts';
import { createCloudAssistant } from '../../../shared/alicloud/cloud-assistant.ts';
import type { Credentials } from '../../../shared/alicloud/credentials.ts';
import { createEcsCaller } from '../../../shared/alicloud/ecs-caller.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { answerOf, json } from './ecs-answers.ts';
import { AWKWARD, INPUTS, ourCalls } from './ecs-calls.ts';

const REGION = 'cn-hangzhou';
const KEY: Credentials = { accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO' };
const STS: Credentials = { accessKeyId: 'STS.1', accessKeySecret: 'SKSTS', securityToken: 'CAIS+to/ken==' };

let server: RunningServer;
let requests: HttpRequest[] = [];
let respond: (request: HttpRequest) => HttpResponse = answerOf;
beforeAll(async () => {
  server = await serve(async (request) => {
    requests.push(request);
    return respond(request);
  });
});
beforeEach(() => {
  requests = [];
  respond = answerOf;
});
afterAll(() => server.close());

/** The requests that `send` makes. */
async function captured(send: () => Promise<unknown>): Promise<HttpRequest[]> {
  requests = [];
  await send();
  return requests;
}

/** The calls of `ourCalls`, as anyone would write them with the official client. */
async function callOfficial(keys: Credentials): Promise<void> {
  const endpoint = `127.0.0.1:${server.port}`;
  const client = new EcsClient(new Config({ ...keys, endpoint, protocol: 'http', regionId: REGION }));
  for (const input of Object.values(INPUTS)) {
    const common = {
      regionId: REGION,
      instanceId: input.instances,
      parameters: input.parameters,
      timeout: input.timeout_seconds,
      clientToken: input.client_token,
      terminationMode: 'ProcessTree',
    };
    const tags = Object.entries(input.tags).map(([key, value]) => ({ key, value }));
    if (input.operation === 'InvokeCommand') {
      const tag = tags.map((one) => new InvokeCommandRequestTag(one));
      await client.invokeCommand(new InvokeCommandRequest({ ...common, tag, commandId: input.command_id }));
    } else {
      const tag = tags.map((one) => new RunCommandRequestTag(one));
      const commandContent = Buffer.from(input.content).toString('base64');
      const script = { type: 'RunShellScript', name: input.command_name, commandContent, contentEncoding: 'Base64' };
      await client.runCommand(new RunCommandRequest({ ...common, ...script, tag, enableParameter: true }));
    }
  }
  const describe = { regionId: REGION, contentEncoding: 'Base64' };
  const byId = { ...describe, includeOutput: true, invokeId: 't-hz01' };
  await client.describeInvocations(new DescribeInvocationsRequest(byId));
  for (const [key, value] of [
    ['approval-loop-request', 'dingtalk.pi-1_A'],
    [AWKWARD, AWKWARD],
  ]) {
    const tag = [new DescribeInvocationsRequestTag({ key, value })];
    await client.describeInvocations(new DescribeInvocationsRequest({ ...describe, includeOutput: false, tag }));
  }
  for (const name of ['approval-loop-dev-onboarding', AWKWARD])
    await client.describeCommands(new DescribeCommandsRequest({ regionId: REGION, name, maxResults: 50 }));
}

async function callOurs(keys: Credentials): Promise<void> {
  const endpoint = `127.0.0.1:${server.port}`;
  const ecs = createEcsCaller({ endpoint, protocol: 'http', regionId: REGION, credentials: () => keys });
  for (const call of ourCalls(createCloudAssistant(ecs, REGION))) await call();
}

const PRUNED = ourCalls(createCloudAssistant({ call: async () => Promise.reject(new Error('not called')) }, REGION));
const run = promisify(execFile);

describe('the bundle with the pruned SDK', () => {
  let directory: string;
  let bundle: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pruned-'));
    bundle = join(directory, 'entry.js');
    await run(process.execPath, [join(__dirname, 'pruned/build.mjs'), bundle]);
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** What came of each call; the process has no keys but those it is given. */
  async function callPruned(keys: Credentials): Promise<unknown[]> {
    const started = run(process.execPath, [bundle], { env: {}, cwd: directory });
    started.child.stdin?.end(JSON.stringify({ endpoint: `127.0.0.1:${server.port}`, credentials: keys }));
    return JSON.parse((await started).stdout);
  }

  test.each([
    ['a lasting key', KEY],
    ['a temporary key', STS],
  ])('sends what the official client sends, signed with %s', async (_, keys) => {
    const official = await captured(() => callOfficial(keys));
    const ours = await captured(() => callPruned(keys));
    expect(ours.map(withoutNonce)).toEqual(official.map(withoutNonce));
    expect(ours.map(signerOf)).toEqual(official.map(() => keys.accessKeyId));
  });

  test('reads the answers', async () => {
    const results = await callPruned(KEY);
    expect(results).toHaveLength(PRUNED.length);
    expect(results.slice(0, 5)).toEqual(Array(5).fill({ invokeId: 't-hz01' }));
    expect(results.slice(5)).toMatchObject([
      { invokeId: 't-hz01', commandContent: 'echo 入职 🙂' },
      [{ invokeId: 't-hz01' }],
      [{ invokeId: 't-hz01' }],
      'c-hz01',
      null,
    ]);
  });

  test.each<[string, HttpResponse, object]>([
    ['throttling', json(400, { Code: 'Throttling.User' }), { name: 'TransientError', code: 'ecs.Throttling.User' }],
    ['a refusal', json(403, { Code: 'Forbidden.RAM' }), { name: 'PermanentError', code: 'ecs.Forbidden.RAM' }],
    ['a wrong key', json(404, { Code: 'InvalidAccessKeyId.NotFound' }), { name: 'Error' }],
    ['HTML', { status: 502, body: '<html>' }, { name: 'TransientError', code: 'ecs.unreachable' }],
    ['another shape', json(200, { Code: 'Throttling' }), { name: 'TransientError', code: 'ecs.bad_answer' }],
    // The parser for it is among what is left out.
    [
      'an error in XML',
      {
        status: 400,
        headers: { 'content-type': 'text/xml;charset=utf-8' },
        body: '<Error><Code>Forbidden.RAM</Code></Error>',
      },
      { name: 'TransientError', code: 'ecs.unreachable' },
    ],
  ])('takes %s for what it is', async (_, response, expected) => {
    respond = () => response;
    expect(await callPruned(KEY)).toMatchObject(PRUNED.map(() => expected));
  });
});

describe('in the process', () => {
  test.each([
    ['a lasting key', KEY],
    ['a temporary key', STS],
  ])('every call is the official client’s, byte for byte, signed with %s', async (_, keys) => {
    const official = await captured(() => callOfficial(keys));
    const ours = await captured(() => callOurs(keys));
    expect(ours).toHaveLength(PRUNED.length);
    expect(ours.map(withoutNonce)).toEqual(official.map(withoutNonce));
    expect(ours.map(signerOf)).toEqual(official.map(() => keys.accessKeyId));
    expect(ours.every(({ headers }) => headers['x-acs-security-token'] === keys.securityToken)).toBe(true);
  });

  test('a call is what the API documents', async () => {
    const [request] = await captured(() => callOurs(KEY));
    expect(request).toMatchObject({ method: 'POST', rawPath: '/', body: Buffer.alloc(0) });
    expect(request?.headers).toMatchObject({ 'x-acs-action': 'InvokeCommand', 'x-acs-version': '2014-05-26' });
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      RegionId: 'cn-hangzhou',
      CommandId: 'c-hz01',
      'InstanceId.1': 'i-a',
      Parameters: '{"emp_id":"E123","role":"devops"}',
      Timeout: '300',
      ClientToken: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      TerminationMode: 'ProcessTree',
      'Tag.1.Key': 'approval-loop-request',
      'Tag.1.Value': 'dingtalk.pi-1_A',
      'Tag.2.Key': 'environment',
      'Tag.2.Value': 'dev',
    });
  });

  test('the same plan gives the same query on every try, under a new nonce and a new signature', async () => {
    const [first, second] = [await captured(() => callOurs(KEY)), await captured(() => callOurs(KEY))];
    expect(second.map(withoutNonce)).toEqual(first.map(withoutNonce));
    const nonces = [...first, ...second].map(({ headers }) => headers['x-acs-signature-nonce']);
    expect(new Set(nonces).size).toBe(2 * PRUNED.length);
  });

  test('keys are asked for at each call, since a role’s keys change', async () => {
    let keys = KEY;
    const endpoint = `127.0.0.1:${server.port}`;
    const ecs = createEcsCaller({ endpoint, protocol: 'http', regionId: REGION, credentials: () => keys });
    const assistant = createCloudAssistant(ecs, REGION);
    await assistant.findCommandId('x');
    keys = STS;
    await assistant.findCommandId('x');
    expect(requests.map(signerOf)).toEqual(['AKDEMO', 'STS.1']);
  });
});

/** All of a request but what must differ: when it was made, its nonce, and the signature over them. */
function withoutNonce({ method, rawPath, rawQuery, query, headers, body }: HttpRequest) {
  const { authorization, 'x-acs-date': _date, 'x-acs-signature-nonce': _nonce, ...same } = headers;
  return {
    method,
    rawPath,
    rawQuery: rawQuery.split('&').sort(),
    query: [...query].sort(([a], [b]) => (a < b ? -1 : 1)),
    headers: { ...same, authorization: authorization?.replace(/Signature=[0-9a-f]{64}$/, '') },
    body: body.toString(),
  };
}

/** Whose valid signature a request carries; the reason it is invalid otherwise. */
function signerOf(request: HttpRequest): string {
  const clock = createSystemClock();
  const identities = createIdentities('1234567890123456');
  for (const keys of [KEY, STS]) identities.add({ ...keys, name: keys.accessKeyId });
  const { identity, refusal } = verifyAcs3(request, { identities, clock, nonces: createNonceMemory({ clock }) });
  return identity?.name ?? refusal?.message ?? '';
}
