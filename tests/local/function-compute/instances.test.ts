import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FunctionDefinition } from '../../../local/function-compute/function-definition.ts';
import { buildSamples, eventually, isAlive, startCloud, type TestCloud } from './start-function-compute.ts';

const samples = buildSamples();
let cloud: TestCloud;

beforeEach(async () => {
  cloud = await startCloud({
    ...samples,
    maxInstancesPerFunction: 2,
    environment: { CLOUD_URL: 'http://127.0.0.1:1' },
  });
});
afterEach(() => cloud.close());
afterAll(() => samples.remove());

async function deploy(definition: Partial<FunctionDefinition> = {}): Promise<void> {
  await cloud.fc.putFunction({
    functionName: 'sample',
    codeDirectory: samples.codeDirectory,
    handler: 'index.handler',
    runtime: 'nodejs20',
    ...definition,
  });
}

async function run(event: unknown, functionName = 'sample') {
  const payload = Buffer.from(typeof event === 'string' ? event : JSON.stringify(event));
  return cloud.fc.invoke(functionName, payload, { type: 'Sync' });
}

/** The result, or the error as an object. */
async function answer(event: unknown): Promise<string> {
  const result = await run(event);
  return result.kind === 'completed' ? result.payload.toString() : JSON.stringify(result);
}

describe('an instance', () => {
  test('serves one request after the other', async () => {
    await deploy();
    const first = await answer({ do: 'pid' });
    expect(await answer({ do: 'pid' })).toBe(first);
    expect(await answer({ do: 'calls' })).toBe('3');
  });

  test('is joined by another while it is busy', async () => {
    await deploy();
    const [first, second] = await Promise.all([answer({ do: 'sleep', ms: 300 }), answer({ do: 'sleep', ms: 300 })]);
    expect(first).not.toBe(second);
    expect([first, second]).toContain(await answer({ do: 'pid' }));
  });

  test('takes the next caller in the queue when the maximum is reached', async () => {
    await deploy();
    const pids = await Promise.all([1, 2, 3, 4].map(() => answer({ do: 'sleep', ms: 100 })));
    expect(new Set(pids).size).toBe(2);
  });

  test('that stays busy too long makes callers wait in vain: 429', async () => {
    await deploy({ timeout: 10 });
    const busy = [1, 2].map(() => run({ do: 'sleep', ms: 2500 }));
    expect(await run('x')).toMatchObject({ kind: 'refused', status: 429, code: 'ResourceExhausted' });
    expect(await Promise.all(busy)).toMatchObject([{ kind: 'completed' }, { kind: 'completed' }]);
  });

  test('is started before the first call where that is asked for', async () => {
    await deploy({ warm: true });
    expect(await answer({ do: 'calls' })).toBe('1');
  });

  test('is replaced after an update', async () => {
    await deploy();
    const pid = Number(await answer({ do: 'pid' }));
    const busy = answer({ do: 'sleep', ms: 300 });
    await deploy({ environmentVariables: { VERSION: '2' } });
    expect(await busy).toBe(String(pid));
    expect(JSON.parse(await answer({ do: 'env' }))).toMatchObject({ VERSION: '2' });
    await eventually(() => !isAlive(pid), 'the old instance to end');
  });
});

describe('the handler', () => {
  test.each([
    ['index.withCallback', 'hi', '{"got":"hi"}'],
    ['index.plain', 'hi', 'plain 2'],
  ])('%s answers in its style', async (handler, event, expected) => {
    await deploy({ handler });
    expect(await answer(event)).toBe(expected);
  });

  test.each([
    ['index.missing', 'HandlerNotFound', "Handler 'missing' is missing on module 'index'"],
    ['other.handler', 'ImportModuleError', expect.stringContaining("other.js' is missing.")],
  ])('%s cannot be loaded', async (handler, errorType, errorMessage) => {
    await deploy({ handler });
    const result = await run('x');
    expect(result).toMatchObject({ kind: 'completed', functionError: 'UnhandledInvocationError' });
    expect(JSON.parse(await answer('x'))).toMatchObject({ errorType, errorMessage });
  });

  test('reports an error through its callback', async () => {
    await deploy({ handler: 'index.withCallback' });
    expect(JSON.parse(await answer(''))).toMatchObject({ errorType: 'TypeError', errorMessage: 'no event' });
  });

  test('may be an ES module', async () => {
    const codeDirectory = join(dirname(samples.codeDirectory), 'esm');
    mkdirSync(codeDirectory);
    writeFileSync(join(codeDirectory, 'index.mjs'), "export const handler = async () => '模块 📦';");
    await deploy({ codeDirectory });
    expect(await answer('x')).toBe('模块 📦');
  });

  test('gets a context', async () => {
    await deploy({ memorySize: 256, timeout: 20, role: 'acs:ram::1:role/fc' });
    const context = JSON.parse(await answer({ do: 'context' }));
    expect(context).toEqual({
      requestId: expect.stringMatching(/^1-[0-9a-f]{8}-/),
      credentials: {
        accessKeyId: expect.stringMatching(/^STS\./),
        accessKeySecret: expect.any(String),
        securityToken: expect.stringMatching(/^CAIS/),
      },
      function: { name: 'sample', handler: 'index.handler', memory: 256, timeout: 20 },
      service: { logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
      region: 'cn-hangzhou',
      accountId: '1000000000000001',
      retryCount: 0,
      logger: ['debug', 'error', 'info', 'log', 'requestId', 'warn'],
      tracing: { openTracingSpanBaggages: {} },
    });
    expect(cloud.identities.find(context.credentials.accessKeyId)).toEqual({
      ...context.credentials,
      name: 'function:sample',
      role: 'fc',
    });
  });

  test('sees its own environment and nothing of the host', async () => {
    await deploy({ environmentVariables: { STAGE: '开发' }, role: 'acs:ram::1:role/fc' });
    const names = Object.keys(JSON.parse(await answer({ do: 'env' }))).sort();
    expect(names).toEqual([
      'ALIBABA_CLOUD_ACCESS_KEY_ID',
      'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
      'ALIBABA_CLOUD_SECURITY_TOKEN',
      'CLOUD_URL',
      'FC_ACCOUNT_ID',
      'FC_CUSTOM_LISTEN_PORT',
      'FC_FUNCTION_HANDLER',
      'FC_FUNCTION_MEMORY_SIZE',
      'FC_FUNCTION_NAME',
      'FC_FUNC_CODE_PATH',
      'FC_INSTANCE_ID',
      'FC_REGION',
      'FC_VER_ID',
      'HOME',
      'PATH',
      'STAGE',
      'TZ',
    ]);
    expect(await answer({ do: 'cwd' })).toBe(samples.codeDirectory);
    expect(await answer({ do: 'channel' })).toBe('undefined');
  });

  test('has no key without a role', async () => {
    await deploy();
    const empty = { accessKeyId: '', accessKeySecret: '', securityToken: '' };
    expect(JSON.parse(await answer({ do: 'context' }))).toMatchObject({ credentials: empty });
    expect(JSON.parse(await answer({ do: 'env' }))).not.toHaveProperty('ALIBABA_CLOUD_ACCESS_KEY_ID');
  });
});

describe('the output of a function', () => {
  test('reaches the log: structured lines as entries, others at debug level', async () => {
    await deploy();
    await run({ do: 'log', text: '日志 🪵' });
    expect(cloud.entries).toContainEqual({
      time: expect.any(String),
      level: 'warn',
      message: 'structured',
      fields: { function: 'sample', nested: '{"a":1}', list: ['x'] },
    });
    expect(cloud.entries).toContainEqual({
      time: expect.any(String),
      level: 'debug',
      message: 'verbatim 日志 🪵',
      fields: { function: 'sample' },
    });
  });

  test('keeps to the log level of the function', async () => {
    await deploy({ environmentVariables: { ALIYUN_FC_LOG_LEVEL: 'error' } });
    await run({ do: 'log', text: 'always' });
    const messages = cloud.entries.map(({ message }) => message);
    expect(messages).toContain('verbatim always');
    expect(messages.some((message) => message.endsWith('[error] bad news'))).toBe(true);
    expect(messages.some((message) => /\[(info|warn|debug)\]|structured/.test(message))).toBe(false);
  });
});

describe('a call ends', () => {
  test.each([
    ['sleeps', { do: 'sleep', ms: 60_000 }],
    ['keeps the processor busy', { do: 'spin' }],
  ])('when the function %s past its time-out', async (_name, event) => {
    await deploy({ timeout: 1 });
    const pid = Number(await answer({ do: 'pid' }));
    expect(JSON.parse(await answer(event))).toEqual({
      errorMessage: expect.stringMatching(/^Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)$/),
    });
    expect(isAlive(pid)).toBe(false);
    expect(await answer('next')).toBe('next');
  });

  test('when the instance is killed', async () => {
    await deploy({ timeout: 60 });
    const pid = Number(await answer({ do: 'pid' }));
    const busy = run({ do: 'sleep', ms: 60_000 });
    await cloud.fc.killInstances('sample');
    expect(isAlive(pid)).toBe(false);
    expect(await busy).toMatchObject({ kind: 'completed', functionError: 'UnhandledInvocationError' });
    expect(await answer('next')).toBe('next');
  });

  test.each([
    ['error', { kind: 'error', status: 503, code: 'ResourceThrottled' }, { kind: 'refused', status: 503 }, undefined],
    ['hang', { kind: 'hang' }, { kind: 'completed' }, /^Function timed out after 1 seconds/],
    ['cut', { kind: 'cut' }, { kind: 'completed' }, /^Process exited unexpectedly/],
    ['lose_answer', { kind: 'lose_answer' }, { kind: 'completed' }, /^Process exited unexpectedly/],
  ] as const)('on request: %s', async (_name, fault, expected, errorMessage) => {
    await deploy({ timeout: 1 });
    cloud.faults.add({ service: 'fc', operation: 'invoke:sample', fault });
    const result = await run('once');
    expect(result).toMatchObject(expected);
    if (result.kind === 'completed') {
      expect(JSON.parse(result.payload.toString()).errorMessage).toMatch(errorMessage ?? /./);
    }
    const handled = cloud.entries.filter(({ message }) => message === 'got an event').length;
    expect(handled).toBe(fault.kind === 'lose_answer' ? 1 : 0);
    expect(await answer('next')).toBe('next');
  });

  test.each([
    ['with an answer of its own', { kind: 'answer', status: 200, body: '假的 🎭' }, '假的 🎭'],
    ['later', { kind: 'delay', ms: 10 }, 'event'],
  ] as const)('%s, on request', async (_name, fault, expected) => {
    await deploy();
    cloud.faults.add({ service: 'fc', operation: 'invoke:sample', fault });
    expect(await answer('event')).toBe(expected);
    expect(await answer('next')).toBe('next');
  });

  test('refused, for an unknown function', async () => {
    expect(await run('x', 'missing')).toMatchObject({ kind: 'refused', status: 404, code: 'FunctionNotFound' });
  });
});

describe('a definition is refused', () => {
  test.each([
    ['for an unknown key', { extra: true }],
    ['for a handler outside the code folder', { handler: '../index.handler' }],
    ['for another runtime', { runtime: 'nodejs22' }],
    ['for two HTTP triggers', { triggers: ['a', 'b'].map(webTrigger) }],
    ['for two triggers of one name', { triggers: [webTrigger('a'), timerTrigger('a')] }],
    ['for a folder that is not there', { codeDirectory: '/no/such/folder' }],
  ])('%s', async (_name, change) => {
    await expect(deploy(change as Partial<FunctionDefinition>)).rejects.toThrow();
  });
});

describe('nothing is left', () => {
  test('after close: no process, no descendant, no port', async () => {
    await deploy({ timeout: 60, warm: true, triggers: [webTrigger('web'), timerTrigger('timer')] });
    const pids = [Number(await answer({ do: 'pid' })), Number(await answer({ do: 'leave a child' }))];
    expect(pids.map(isAlive)).toEqual([true, true]);
    const url = cloud.fc.httpTriggerUrl('sample');
    const busy = run({ do: 'sleep', ms: 60_000 });
    await cloud.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
    await expect(fetch(url)).rejects.toThrow();
    expect(await busy).toMatchObject({ kind: 'completed', functionError: 'UnhandledInvocationError' });
  });

  test.each([
    ['sleeps', 'setTimeout(() => {}, 600_000)'],
    ['keeps the processor busy', 'for (;;) Math.random()'],
  ])('after the platform was killed while a function %s', async (_name, work) => {
    const parent = spawn(process.execPath, ['-e', orphanMaker(work)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await parent.stdout.take(1).toArray()).map(String);
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => !isAlive(pid), 'the instance to end');
  });
});

function webTrigger(triggerName: string) {
  return { triggerName, triggerType: 'http' as const, triggerConfig: { methods: ['GET' as const] } };
}

function timerTrigger(triggerName: string) {
  return { triggerName, triggerType: 'timer' as const, triggerConfig: { cronExpression: '@every 1m', enable: true } };
}

/** A platform in one line: starts the real runtime, lets it work and prints its process id. */
function orphanMaker(work: string): string {
  const codeDirectory = join(dirname(samples.codeDirectory), `orphan-${work.length}`);
  mkdirSync(codeDirectory);
  const code = `exports.handler = () => { process.stdout.write(process.pid + '\\n'); ${work}; return new Promise(() => {}); };`;
  writeFileSync(join(codeDirectory, 'index.js'), code);
  return `
    const { fork } = require('node:child_process');
    const env = { FC_FUNC_CODE_PATH: ${JSON.stringify(codeDirectory)}, FC_FUNCTION_HANDLER: 'index.handler' };
    const child = fork(${JSON.stringify(samples.runtimeFile)}, [], { env, detached: true, serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    child.stdout.on('data', (bytes) => { if (/^\\d+$/m.test(bytes)) process.stdout.write(/^\\d+$/m.exec(bytes)[0]); });
    child.on('message', () => child.send({ type: 'invoke', payload: Buffer.alloc(0), context: { requestId: 'r' } }));
  `;
}
