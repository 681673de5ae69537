import { buildSamples, eventually, startCloud, type TestCloud } from './start-function-compute.ts';

/** A minute of the platform is 100 ms here. */
const SPEED = 600;
const samples = buildSamples();
let cloud: TestCloud;

beforeEach(async () => {
  cloud = await startCloud({ ...samples, speed: SPEED, maxInstancesPerFunction: 1 });
});
afterEach(() => cloud.close());
afterAll(() => samples.remove());

async function deploy(asyncInvokeConfig?: { maxAsyncRetryAttempts?: number; maxAsyncEventAgeInSeconds?: number }) {
  await cloud.fc.putFunction({
    functionName: 'sample',
    codeDirectory: samples.codeDirectory,
    handler: 'index.handler',
    runtime: 'nodejs20',
    ...(asyncInvokeConfig ? { asyncInvokeConfig } : {}),
  });
}

const queue = (event: unknown) => cloud.fc.invoke('sample', Buffer.from(JSON.stringify(event)), { type: 'Async' });
const logged = (message: string) => cloud.entries.filter((entry) => entry.message === message);
const retries = () => logged('async invocation is tried again').map(({ fields }) => fields['inSeconds']);

describe('an asynchronous invocation', () => {
  test('is tried again after a function error, with the number of attempts in the context', async () => {
    await deploy();
    expect(await queue({ do: 'fail until third attempt' })).toMatchObject({ kind: 'accepted' });
    const [done] = await eventually(
      () => logged('got an event').length > 0 && logged('got an event'),
      'the third attempt',
    );
    expect(done?.fields).toMatchObject({ text: 'third attempt succeeds', retry: 2 });
    expect(retries()).toEqual([60, 120]);
  });

  test('is dropped when its attempts are used up', async () => {
    await deploy({ maxAsyncRetryAttempts: 1 });
    await queue({ do: 'throw', text: '坏了 💥' });
    const [dropped] = await eventually(
      () => logged('async invocation dropped').length > 0 && logged('async invocation dropped'),
      'the drop',
    );
    expect(dropped).toMatchObject({
      level: 'warn',
      fields: { function: 'sample', reason: 'no attempts left', error: 'UnhandledInvocationError' },
    });
    expect(retries()).toEqual([60]);
  });

  test('is dropped when the next attempt would come after its age', async () => {
    await deploy({ maxAsyncEventAgeInSeconds: 59 });
    await queue({ do: 'throw', text: 'x' });
    const [dropped] = await eventually(
      () => logged('async invocation dropped').length > 0 && logged('async invocation dropped'),
      'the drop',
    );
    expect(dropped?.fields).toMatchObject({ reason: 'the event is too old' });
    expect(retries()).toEqual([]);
  });

  test('is tried again with backoff after system errors, which use up no attempt', async () => {
    await deploy({ maxAsyncRetryAttempts: 0 });
    cloud.faults.add({
      service: 'fc',
      operation: 'invoke:sample',
      times: 3,
      fault: { kind: 'error', status: 500, code: 'InternalServerError' },
    });
    await queue('handled in the end');
    const [done] = await eventually(() => logged('got an event').length > 0 && logged('got an event'), 'the event');
    expect(done?.fields).toMatchObject({ retry: 0 });
    expect(retries()).toEqual([0.5, 1, 2]);
  });

  test('ends with its function', async () => {
    await deploy();
    await queue({ do: 'throw', text: 'x' });
    await eventually(() => retries().length > 0, 'the first failure');
    await cloud.close();
    expect(logged('asynchronous invocation ended with its function')).toHaveLength(1);
    expect(logged('async invocation dropped')).toEqual([]);
  });
});

describe('a timer trigger', () => {
  const deployTimer = (triggerConfig: { cronExpression: string; payload?: string; enable: boolean }) =>
    cloud.fc.putFunction({
      functionName: 'sample',
      codeDirectory: samples.codeDirectory,
      handler: 'index.handler',
      runtime: 'nodejs20',
      triggers: [{ triggerName: 'sweep', triggerType: 'timer', triggerConfig }],
    });
  const events = () => logged('got an event').map(({ fields }) => JSON.parse(String(fields['text'])));

  test('fires at its interval', async () => {
    await deployTimer({ cronExpression: '@every 5m', payload: '清扫 🧹', enable: true });
    const [first, second] = await eventually(() => events().length >= 2 && events(), 'two events');
    expect(first).toEqual({
      triggerTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      triggerName: 'sweep',
      payload: '清扫 🧹',
    });
    const minutes = (Date.parse(second.triggerTime) - Date.parse(first.triggerTime)) / 60_000;
    expect(minutes % 5).toBe(0);
  });

  test('fires at the times of its cron expression', async () => {
    await deployTimer({ cronExpression: 'CRON_TZ=Asia/Shanghai 0 */10 * * * *', enable: true });
    const [first] = await eventually(() => events().length > 0 && events(), 'an event');
    expect(first.triggerTime).toMatch(/T\d\d:\d0:00Z$/);
  });

  test('stops when it is disabled or gone from the definition', async () => {
    await deployTimer({ cronExpression: '@every 1m', enable: true });
    await eventually(() => events().length > 0, 'an event');
    await deployTimer({ cronExpression: '@every 1m', enable: false });
    const heard = async () => {
      const before = events().length;
      const result = await cloud.fc.invoke('sample', Buffer.from('{"do":"sleep","ms":300}'), { type: 'Sync' });
      expect(result.kind).toBe('completed');
      return events().length - before;
    };
    await heard();
    expect(await heard()).toBe(0);
  });
});
