import { createFc2Invoker } from '../../../cli/replay/invoke-fc2.ts';
import { createFc3Invoker } from '../../../cli/replay/invoke-fc3.ts';
import { type HttpRequest, serve } from '../../../local/http/server.ts';
import {
  buildSamples,
  ROOT_KEY,
  startCloud,
  type TestCloud,
} from '../../local/function-compute/start-function-compute.ts';

const samples = buildSamples();
let cloud: TestCloud;
const settings = { codeDirectory: samples.codeDirectory, handler: 'index.handler', runtime: 'nodejs20' as const };
beforeAll(async () => {
  cloud = await startCloud(samples);
  await cloud.fc.putFunction({ ...settings, functionName: 'sample', timeout: 10 });
  await cloud.fc.putFunction({ ...settings, functionName: 'tasks', asyncInvokeConfig: { asyncTask: true } });
});
afterAll(async () => {
  await cloud.close();
  samples.remove();
});

describe('Function Compute 3.0', () => {
  const invoke = (functionName: string, event: unknown, more: { wait?: boolean; taskId?: string } = {}) =>
    createFc3Invoker({ region: 'cn-hangzhou', endpoint: `http://${cloud.endpoint}`, credentials: ROOT_KEY }).invoke({
      functionName,
      event: Buffer.from(JSON.stringify(event)),
      wait: true,
      ...more,
    });

  test('gives back what the function gave back, with the last of its lines', async () => {
    const outcome = await invoke('sample', '你好');
    expect(outcome).toMatchObject({ status: 'done', result: '"你好"' });
    expect(outcome.log_tail).toContain('FC Invoke End RequestId: ');
  });

  test('a function error is a failure', async () => {
    expect(await invoke('sample', { do: 'throw' })).toMatchObject({
      status: 'failed',
      error_type: 'UnhandledInvocationError',
    });
  });

  test('of one task id there is one task', async () => {
    const first = await invoke('tasks', 'x', { wait: false, taskId: 'replay-1' });
    expect(first).toMatchObject({ status: 'accepted', task_id: 'replay-1' });
    await expect(invoke('tasks', 'x', { wait: false, taskId: 'replay-1' })).rejects.toMatchObject({
      code: 'StatefulAsyncInvocationAlreadyExists',
    });
  });

  test('a task id needs a function that has tasks', async () => {
    await expect(invoke('sample', 'x', { wait: false, taskId: 'replay-1' })).rejects.toThrow('asyncTask: true');
  });

  test('a function that is not there is named', async () => {
    await expect(invoke('missing', 'x')).rejects.toMatchObject({ code: 'FunctionNotFound' });
  });
});

describe('Function Compute 2.0', () => {
  const REQUEST = { 'x-fc-request-id': 'request-1' };

  /** Answers once and tells what it was asked. */
  async function ask(answer: { status: number; headers: Record<string, string>; body: string }, wait = true) {
    const requests: HttpRequest[] = [];
    const server = await serve(async (request) => {
      requests.push(request);
      return answer;
    });
    const place = { region: 'cn-hangzhou', accountId: '1000000000000001', service: 'loop', endpoint: server.origin };
    try {
      const call = {
        functionName: 'dispatch',
        event: Buffer.from('{"a":1}'),
        wait,
        ...(wait ? {} : { taskId: 'once' }),
      };
      const outcome = await createFc2Invoker({ ...place, credentials: ROOT_KEY }).invoke(call);
      return { outcome, request: requests[0] };
    } finally {
      await server.close();
    }
  }

  test('finds the function in its service and gives back what it gave back', async () => {
    const log = Buffer.from('a line\n').toString('base64');
    const headers = { ...REQUEST, 'x-fc-log-result': log };
    const { outcome, request } = await ask({ status: 200, headers, body: 'done' });
    expect(outcome).toEqual({ request_id: 'request-1', status: 'done', result: 'done', log_tail: 'a line\n' });
    expect(request?.rawPath).toBe('/2016-08-15/services/loop.LATEST/functions/dispatch/invocations');
    expect(request?.body.toString()).toBe('{"a":1}');
    expect(request?.headers).toMatchObject({ 'x-fc-invocation-type': 'Sync', 'x-fc-log-type': 'Tail' });
  });

  test('a function error is a failure, although HTTP says 200', async () => {
    const headers = { ...REQUEST, 'x-fc-error-type': 'UnhandledInvocationError', 'content-type': 'application/json' };
    const { outcome } = await ask({ status: 200, headers, body: '{"errorMessage":"no"}' });
    expect(outcome).toEqual({
      request_id: 'request-1',
      status: 'failed',
      error_type: 'UnhandledInvocationError',
      result: '{"errorMessage":"no"}',
    });
  });

  test('a task is started under its id, and a second one is an error', async () => {
    const { outcome, request } = await ask({ status: 202, headers: REQUEST, body: '' }, false);
    expect(outcome).toEqual({ request_id: 'request-1', status: 'accepted' });
    expect(request?.headers).toMatchObject({
      'x-fc-invocation-type': 'Async',
      'x-fc-stateful-async-invocation-id': 'once',
    });
    const body = '{"ErrorCode":"StatefulAsyncInvocationAlreadyExists","ErrorMessage":"the task exists"}';
    const headers = { ...REQUEST, 'content-type': 'application/json' };
    await expect(ask({ status: 409, headers, body }, false)).rejects.toThrow('the task exists');
  });
});
