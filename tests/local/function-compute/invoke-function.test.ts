import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import FcClient, * as models from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { unzip } from '../../../local/function-compute/unzip.ts';
import { buildSamples, eventually, ROOT_KEY, startCloud, type TestCloud } from './start-function-compute.ts';

const samples = buildSamples();
let cloud: TestCloud;
const EXITED = /^Process exited unexpectedly before completing request \(duration: \d+ms, maxMemoryUsage: [\d.]+MB\)$/;

const zip = (name: string) => readFileSync(join(__dirname, 'fixtures', name)).toString('base64');
const settings = { codeDirectory: samples.codeDirectory, handler: 'index.handler', runtime: 'nodejs20' as const };

beforeAll(async () => {
  cloud = await startCloud(samples);
  await cloud.fc.putFunction({ ...settings, functionName: 'sample', timeout: 10, role: 'acs:ram::1:role/fc' });
  await cloud.fc.putFunction({ ...settings, functionName: 'tasks', asyncInvokeConfig: { asyncTask: true } });
});
afterAll(async () => {
  await cloud.close();
  samples.remove();
});

function client(key: { accessKeyId: string; accessKeySecret: string; securityToken?: string } = ROOT_KEY): FcClient {
  return new FcClient(new $OpenApiUtil.Config({ ...key, endpoint: cloud.endpoint, protocol: 'http' }));
}

async function invoke(functionName: string, event: unknown, headers: Record<string, string> = {}, qualifier?: string) {
  const body = Readable.from([Buffer.from(typeof event === 'string' ? event : JSON.stringify(event))]);
  const answer = await client().invokeFunctionWithOptions(
    functionName,
    new models.InvokeFunctionRequest({ body, ...(qualifier ? { qualifier } : {}) }),
    new models.InvokeFunctionHeaders(headers),
    new RuntimeOptions({ connectTimeout: 20_000, readTimeout: 20_000 }),
  );
  const chunks = await (answer.body ?? Readable.from([])).toArray();
  const bytes = Buffer.concat(chunks);
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: bytes.toString(), bytes };
}

describe('InvokeFunction', () => {
  test.each([
    ['text', '你好 👋', '你好 👋'],
    ['a number as text', { do: 'calls' }, expect.stringMatching(/^\d+$/)],
    ['an object as JSON', { do: 'http', text: '{"名":"张三"}' }, '{"名":"张三"}'],
    ['nothing as text', { do: 'nothing' }, 'undefined'],
    ['an empty event', '', ''],
  ])('gives back %s', async (_name, event, body) => {
    expect(await invoke('sample', event)).toMatchObject({ status: 200, body });
  });

  test('gives back a Buffer byte for byte', async () => {
    const { bytes } = await invoke('sample', { do: 'bytes' });
    expect(bytes).toEqual(Buffer.from([0, 255, 10, 128]));
  });

  test('describes the call in its headers', async () => {
    const { headers } = await invoke('sample', 'x');
    expect(headers).toMatchObject({
      'x-fc-request-id': expect.stringMatching(/^1-[0-9a-f]{8}-80000000-800000000000$/),
      'x-fc-instance-id': expect.stringMatching(/^c-id-\d+$/),
      'x-fc-code-checksum': expect.stringMatching(/^\d+$/),
      'x-fc-invocation-service-version': 'LATEST',
      'x-fc-invocation-duration': expect.stringMatching(/^\d+$/),
      'x-fc-max-memory-usage': expect.stringMatching(/^[\d.]+$/),
      'content-type': 'application/octet-stream',
    });
    expect(headers).not.toHaveProperty('x-fc-error-type');
    expect(headers).not.toHaveProperty('x-fc-log-result');
  });

  test('returns the last 4 KB of output as Base64 for log type Tail', async () => {
    const { headers } = await invoke('sample', { do: 'log', text: '日志 🪵' }, { xFcLogType: 'Tail' });
    const lines = Buffer.from(headers['x-fc-log-result'] ?? '', 'base64')
      .toString()
      .split('\n');
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}';
    const id = headers['x-fc-request-id'] ?? '';
    expect(lines).toEqual([
      `FC Invoke Start RequestId: ${id}`,
      'verbatim 日志 🪵',
      expect.stringMatching(`^${time} ${id} \\[info\\] from console { text: '日志 🪵' }$`),
      expect.stringMatching(`^${time} ${id} \\[error\\] bad news$`),
      expect.stringMatching(`^${time} ${id} \\[warn\\] from the logger$`),
      expect.stringMatching(`^${time} ${id} \\[debug\\] {"level":"warn",.*}$`),
      'no line break',
      `FC Invoke End RequestId: ${id}`,
      '',
      expect.stringMatching(
        /^Duration: [\d.]+ ms, Billed Duration: \d+ ms, Memory Size: 512 MB, Max Memory Used: [\d.]+ MB$/,
      ),
      '',
    ]);
    const long = await invoke('sample', { do: 'log', text: 'x'.repeat(8000) }, { xFcLogType: 'Tail' });
    expect(Buffer.from(long.headers['x-fc-log-result'] ?? '', 'base64')).toHaveLength(4096);
  });

  test.each([
    [
      { do: 'throw', text: '坏了 💥' },
      { errorMessage: '坏了 💥', errorType: 'RangeError' },
    ],
    [{ do: 'throw text', text: 'just text' }, { errorMessage: 'just text' }],
    [{ do: 'exit' }, { errorMessage: expect.stringMatching(EXITED) }],
  ])('answers 200 with an error type when the function fails: %j', async (event, body) => {
    const answer = await invoke('sample', event);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    const parsed = JSON.parse(answer.body);
    expect(parsed).toMatchObject(body);
    expect('errorType' in parsed).toBe('errorType' in body);
    if ('errorType' in body) expect(parsed.stackTrace[0]).toBe('RangeError: 坏了 💥');
  });

  test.each([
    ['an unknown function', 'missing', {}, undefined, 404, 'FunctionNotFound'],
    ['an unknown qualifier', 'sample', {}, 'prod', 404, 'AliasNotFound'],
    ['an unknown invocation type', 'sample', { xFcInvocationType: 'Later' }, undefined, 400, 'InvalidArgument'],
    ['a task id without asyncTask', 'sample', { xFcAsyncTaskId: 'a' }, undefined, 400, 'InvalidArgument'],
    ['a malformed task id', 'tasks', { xFcAsyncTaskId: '1a' }, undefined, 400, 'InvalidArgument'],
  ])('refuses %s', async (_name, functionName, headers, qualifier, statusCode, code) => {
    await expect(invoke(functionName, 'x', headers, qualifier)).rejects.toMatchObject({ statusCode, code });
  });

  test.each([
    ['Sync', 32 * 1024 * 1024],
    ['Async', 128 * 1024],
  ])('takes a payload for %s of at most %d bytes', async (type, limit) => {
    const ok = await invoke('sample', 'x'.repeat(limit), { xFcInvocationType: type });
    expect(ok.status).toBe(type === 'Sync' ? 200 : 202);
    expect(ok.body).toHaveLength(type === 'Sync' ? limit : 0);
    await expect(invoke('sample', 'x'.repeat(limit + 1), { xFcInvocationType: type })).rejects.toMatchObject({
      statusCode: 400,
      code: 'EntityTooLarge',
    });
  });

  test('answers an asynchronous call at once and runs it later', async () => {
    const answer = await invoke('sample', '稍后 ⏰', { xFcInvocationType: 'Async' });
    expect(answer).toMatchObject({ status: 202, body: '' });
    expect(answer.headers['x-fc-async-task-id']).toBe(answer.headers['x-fc-request-id']);
    await eventually(() => cloud.entries.some(({ fields }) => fields['text'] === '稍后 ⏰'), 'the event to be handled');
  });

  test('refuses a repeated task id', async () => {
    const headers = { xFcInvocationType: 'Async', xFcAsyncTaskId: 'replay-1' };
    const first = await invoke('tasks', 'once', headers);
    expect(first.headers['x-fc-async-task-id']).toBe('replay-1');
    await expect(invoke('tasks', 'twice', headers)).rejects.toMatchObject({ statusCode: 409 });
  });

  test.each([
    [
      'an error',
      { kind: 'error', status: 429, code: 'ResourceExhausted' },
      { statusCode: 429, code: 'ResourceExhausted' },
    ],
    ['a cut connection', { kind: 'cut' }, { message: expect.stringContaining('socket hang up') }],
  ] as const)('misbehaves on request: %s', async (_name, fault, error) => {
    cloud.faults.add({ service: 'fc', operation: 'InvokeFunction', fault });
    await expect(invoke('sample', 'x')).rejects.toMatchObject(error);
    expect((await invoke('sample', 'x')).status).toBe(200);
  });
});

describe('signatures', () => {
  test('the key of the function itself may call, with its token only', async () => {
    const context = JSON.parse((await invoke('sample', { do: 'context' })).body);
    await expect(
      client(context.credentials).getFunction('sample', new models.GetFunctionRequest({})),
    ).resolves.toBeDefined();
    const { accessKeyId, accessKeySecret } = context.credentials;
    await expect(
      client({ accessKeyId, accessKeySecret }).getFunction('sample', new models.GetFunctionRequest({})),
    ).rejects.toMatchObject({ code: 'MissingSecurityToken' });
  });

  test.each([
    ['a wrong secret', { ...ROOT_KEY, accessKeySecret: 'other' }, 'SignatureDoesNotMatch'],
    ['an unknown key', { ...ROOT_KEY, accessKeyId: 'LTAI-other' }, 'InvalidAccessKeyId.NotFound'],
  ])('%s is refused', async (_name, key, code) => {
    await expect(client(key).getFunction('sample', new models.GetFunctionRequest({}))).rejects.toMatchObject({ code });
  });
});

describe('functions', () => {
  const create = (input: Partial<models.CreateFunctionInput>) =>
    client().createFunction(
      new models.CreateFunctionRequest({
        body: new models.CreateFunctionInput({
          functionName: 'zipped',
          handler: 'index.handler',
          runtime: 'nodejs20',
          code: new models.InputCodeLocation({ zipFile: zip('code.zip') }),
          ...input,
        }),
      }),
    );

  test('a function can be created from a zip, changed and deleted', async () => {
    const { body: created } = await create({ environmentVariables: { STAGE: '开发' } });
    expect(created).toMatchObject({
      functionName: 'zipped',
      functionArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/zipped',
      runtime: 'nodejs20',
      memorySize: 512,
      timeout: 3,
      codeSize: 515,
      environmentVariables: { STAGE: '开发' },
      state: 'Active',
      createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(JSON.parse((await invoke('zipped', '事件')).body)).toEqual({ event: '事件', text: '早上好 👋' });

    const { body: updated } = await client().updateFunction(
      'zipped',
      new models.UpdateFunctionRequest({
        body: new models.UpdateFunctionInput({
          timeout: 60,
          code: new models.InputCodeLocation({ zipFile: zip('second-code.zip') }),
        }),
      }),
    );
    expect(updated).toMatchObject({ timeout: 60, memorySize: 512, environmentVariables: { STAGE: '开发' } });
    expect(updated?.codeChecksum).not.toBe(created?.codeChecksum);
    expect((await invoke('zipped', 'x')).body).toBe('second version');

    expect((await client().deleteFunction('zipped')).statusCode).toBe(204);
    await expect(invoke('zipped', 'x')).rejects.toMatchObject({ code: 'FunctionNotFound' });
  });

  test('functions are listed by name, in pages', async () => {
    const first = await client().listFunctions(new models.ListFunctionsRequest({ limit: 1 }));
    expect(first.body?.functions?.map(({ functionName }) => functionName)).toEqual(['sample']);
    expect(first.body?.nextToken).toBe('tasks');
    const rest = await client().listFunctions(new models.ListFunctionsRequest({ nextToken: 'tasks' }));
    expect(rest.body?.functions?.map(({ functionName }) => functionName)).toEqual(['tasks']);
    const none = await client().listFunctions(new models.ListFunctionsRequest({ prefix: 'other' }));
    expect(none.body?.functions).toEqual([]);
  });

  test.each([
    ['a name that is taken', { functionName: 'sample' }, 409, 'FunctionAlreadyExists'],
    ['a name that starts with a digit', { functionName: '1st' }, 400, 'InvalidArgument'],
    ['another runtime', { runtime: 'python3' }, 400, 'InvalidArgument'],
    ['a memory size between the steps', { memorySize: 130 }, 400, 'InvalidArgument'],
    ['a reserved variable', { environmentVariables: { FC_REGION: 'x' } }, 400, 'InvalidArgument'],
    ['variables over 4 KB', { environmentVariables: { A: '汉'.repeat(1366) } }, 400, 'InvalidArgument'],
    ['no code', { code: new models.InputCodeLocation({}) }, 400, 'InvalidArgument'],
    [
      'code in OSS',
      { code: new models.InputCodeLocation({ ossBucketName: 'b', ossObjectName: 'o' }) },
      400,
      'InvalidArgument',
    ],
    ['a zip that is none', { code: new models.InputCodeLocation({ zipFile: 'AAAA' }) }, 400, 'InvalidArgument'],
  ])('%s is refused', async (_name, input, statusCode, code) => {
    await expect(create(input)).rejects.toMatchObject({ statusCode, code });
  });

  test('4 KB of variables are accepted', async () => {
    const { body } = await create({ environmentVariables: { A: '汉'.repeat(1365) } });
    expect(body?.functionName).toBe('zipped');
    await client().deleteFunction('zipped');
  });
});

describe('asynchronous settings', () => {
  const put = (input: Partial<models.PutAsyncInvokeConfigInput>) =>
    client().putAsyncInvokeConfig(
      'sample',
      new models.PutAsyncInvokeConfigRequest({ body: new models.PutAsyncInvokeConfigInput(input) }),
    );
  const get = () => client().getAsyncInvokeConfig('sample', new models.GetAsyncInvokeConfigRequest({}));

  test('are put, read and deleted', async () => {
    await expect(get()).rejects.toMatchObject({ statusCode: 404, code: 'AsyncConfigNotExists' });
    await put({ maxAsyncRetryAttempts: 8, maxAsyncEventAgeInSeconds: 604_800 });
    expect((await get()).body).toMatchObject({
      asyncTask: false,
      maxAsyncRetryAttempts: 8,
      maxAsyncEventAgeInSeconds: 604_800,
      functionArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/sample',
    });
    await client().deleteAsyncInvokeConfig('sample', new models.DeleteAsyncInvokeConfigRequest({}));
    await expect(get()).rejects.toMatchObject({ code: 'AsyncConfigNotExists' });
  });

  test.each([
    ['more than 8 retries', { maxAsyncRetryAttempts: 9 }],
    ['an age over a week', { maxAsyncEventAgeInSeconds: 604_801 }],
    [
      'destinations',
      {
        destinationConfig: new models.DestinationConfig({
          onFailure: new models.Destination({ destination: 'acs:mns:::/queues/q' }),
        }),
      },
    ],
  ])('%s are refused', async (_name, input) => {
    await expect(put(input)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
  });
});

describe('triggers', () => {
  const create = (triggerName: string, triggerType: string, config: unknown) =>
    client().createTrigger(
      'tasks',
      new models.CreateTriggerRequest({
        body: new models.CreateTriggerInput({ triggerName, triggerType, triggerConfig: JSON.stringify(config) }),
      }),
    );

  test('are created, changed in place, listed and deleted', async () => {
    const { body: http } = await create('web', 'http', { authType: 'anonymous', methods: ['GET'] });
    expect(http).toMatchObject({
      triggerName: 'web',
      triggerType: 'http',
      targetArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/tasks',
      status: 'OK',
    });
    const url = http?.httpTrigger?.urlInternet ?? '';
    expect(url).toBe(cloud.fc.httpTriggerUrl('tasks'));
    expect((await fetch(url, { method: 'POST' })).status).toBe(403);
    const triggerConfig = JSON.stringify({ authType: 'anonymous', methods: ['POST'] });
    await client().updateTrigger(
      'tasks',
      'web',
      new models.UpdateTriggerRequest({ body: new models.UpdateTriggerInput({ triggerConfig }) }),
    );
    expect((await fetch(url, { method: 'POST' })).status).toBe(200);

    await create('every', 'timer', { cronExpression: '@every 5m', enable: true });
    const { body: list } = await client().listTriggers('tasks', new models.ListTriggersRequest({}));
    expect(list?.triggers?.map(({ triggerName }) => triggerName)).toEqual(['every', 'web']);
    expect(JSON.parse((await client().getTrigger('tasks', 'every')).body?.triggerConfig ?? '')).toEqual({
      cronExpression: '@every 5m',
      enable: true,
      payload: '',
    });
    await client().deleteTrigger('tasks', 'every');
    await client().deleteTrigger('tasks', 'web');
    await expect(client().getTrigger('tasks', 'web')).rejects.toMatchObject({ code: 'TriggerNotFound' });
    await expect(fetch(url)).rejects.toThrow();
  });

  test.each([
    ['jwt authentication', 'http', { authType: 'jwt', methods: ['GET'] }],
    ['an unknown method', 'http', { authType: 'anonymous', methods: ['TRACE'] }],
    ['no method', 'http', { authType: 'anonymous', methods: [] }],
    ['a cron with five fields', 'timer', { cronExpression: '* * * * *', enable: true }],
    ['another type', 'oss', {}],
  ])('%s is refused', async (_name, type, config) => {
    await expect(create('wrong', type, config)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
  });
});

test('the code of a function comes back as a zip, by a link that is good without a signature and for its own token', async () => {
  const { body } = await client().getFunctionCode('sample', new models.GetFunctionCodeRequest({}));
  const { body: described } = await client().getFunction('sample', new models.GetFunctionRequest({}));
  expect(body?.checksum).toBe(described?.codeChecksum);
  const answer = await fetch(body?.url ?? '');
  expect(answer.headers.get('content-type')).toBe('application/zip');
  const folder = await mkdtemp(join(tmpdir(), 'code-'));
  await unzip(Buffer.from(await answer.arrayBuffer()), folder);
  expect(readFileSync(join(folder, 'index.js'))).toEqual(readFileSync(join(samples.codeDirectory, 'index.js')));
  await rm(folder, { recursive: true });
  expect((await fetch(`${body?.url}x`)).status).toBe(403);
});
