import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../command-line.ts';
import { type OpsCloud, openOpsCloud } from '../ops-cloud.ts';
import { runIn } from '../setup/start-accounts.ts';
import { acceptWithoutEvent } from './accept-without-event.ts';

jest.setTimeout(120_000);

let ops: OpsCloud;
/** A request that has ended. */
let ended: string;
beforeAll(async () => {
  ops = await openOpsCloud();
  ended = (await ops.approve('emp_id=E801', 'role=devops')).request_id;
});
afterAll(() => ops.close());

const acceptedRequest = (instanceId: string) => acceptWithoutEvent(ops, ended, instanceId);
const event = async (value: object) => {
  const path = join(ops.folder, 'event.json');
  await writeFile(path, JSON.stringify(value));
  return path;
};

test('a request is taken on by the function whose turn it is', async () => {
  const requestId = await acceptedRequest('replayed-1');
  const { code, stdout, stderr } = await ops.loop('replay', requestId);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^.*"message":"planned".*$/m);
  expect(stdout).toMatch(/^dispatch \(plan\) ended well \(invocation 1-[0-9a-f]+-[0-9a-f]{8}-[0-9a-f]{12}\)$/m);
  const { facts } = await ops.journal.read(requestId);
  expect(facts.map(({ type }) => type).slice(0, 3)).toEqual(['accepted', 'planned', 'dispatched']);
});

test('a request that has ended is left alone', async () => {
  const { code, stdout } = await ops.loop('replay', ended);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${ended}: it has ended, and nothing is left to do\n` });
  expect(JSON.parse((await ops.loop('replay', ended, '--json')).stdout)).toEqual({ status: 'nothing to do' });
});

test('an event of yours reaches the function that you name, and a program reads one object', async () => {
  const path = await event({ type: 'ProvisionRequest', data: { request_id: ended } });
  const { code, stdout } = await ops.loop('replay', '--function', 'dispatch', '--event', path, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    function: 'dispatch',
    request_id: expect.stringMatching(/^1-/),
    status: 'done',
    result: 'undefined',
    log_tail: expect.any(String),
  });
});

test('--async does not wait', async () => {
  const path = await event({ type: 'ProvisionRequest', data: { request_id: ended } });
  const { code, stdout } = await ops.loop('replay', '--function', 'dispatch', '--event', path, '--async');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^dispatch was started as task 1-[0-9a-f-]+\n$/);
});

test('a function that fails is a failure, although HTTP says 200', async () => {
  const requestId = await acceptedRequest('replayed-2');
  ops.local.cloud.faults.add({ service: 'oss', operation: 'ListObjects', times: 100, fault: { kind: 'cut' } });
  const path = await event({ type: 'ProvisionRequest', data: { request_id: requestId } });
  const { code, stdout } = await ops.loop('replay', '--function', 'dispatch', '--event', path);
  ops.local.cloud.faults.clear();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^dispatch failed: \w+Error \(invocation 1-[0-9a-f-]+\)$/m);
});

test('a task id needs a function that has tasks, and the refusal is said in words', async () => {
  const path = await event({ type: 'ProvisionRequest', data: { request_id: ended } });
  const line = ['replay', '--function', 'dispatch', '--event', path, '--async', '--task-id', 'once'];
  const { code, stderr } = await ops.loop(...line);
  expect(code).toBe(1);
  expect(stderr).toBe(
    "error: Function Compute refused to invoke approval-loop-dev-dispatch: InvalidArgument; function 'approval-loop-dev-dispatch' has no asyncTask: true; set async.tasks: true in env.yaml and deploy, or leave --task-id out\n",
  );
});

test('where functions have tasks a task id is taken once, and its double is refused', async () => {
  const { functions } = ops.local.cloud;
  const settings = {
    handler: 'index.handler',
    runtime: 'nodejs20',
    codeDirectory: join(ROOT, 'dist', 'environments', 'dev', 'notify'),
  } as const;
  const functionName = 'approval-loop-dev-notify';
  await functions.putFunction({ ...settings, functionName, asyncInvokeConfig: { asyncTask: true } });
  const path = await event({ type: 'ProvisionStarted', data: { request_id: '中文 🚀' } });
  const line = ['replay', '--function', 'notify', '--event', path, '--async', '--task-id', 'once'];
  expect((await ops.loop(...line)).stdout).toBe('notify was started as task once\n');
  const { code, stderr } = await ops.loop(...line);
  expect(code).toBe(1);
  expect(stderr).toBe(
    'error: Function Compute refused to invoke approval-loop-dev-notify: StatefulAsyncInvocationAlreadyExists; a task of this id was started already; look it up, or give another --task-id\n',
  );
});

test.each([
  ['nothing at all', 0, [], 'is empty; a function takes JSON, such as {}'],
  ['more than an asynchronous call may carry', 131_073, ['--async'], 'has 131073 bytes; Function Compute takes 131072'],
])('an event of %s is refused before it is sent, exit code 2', async (_what, bytes, args, message) => {
  const path = join(ops.folder, 'sized.json');
  await writeFile(path, Buffer.alloc(bytes, '1'));
  const { code, stderr } = await ops.loop('replay', '--function', 'dispatch', '--event', path, ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('an event just as large as an asynchronous call may carry is sent', async () => {
  const path = join(ops.folder, 'sized.json');
  await writeFile(path, Buffer.alloc(131_072, '1'));
  expect((await ops.loop('replay', '--function', 'dispatch', '--event', path, '--async')).code).toBe(0);
});

test.each(['a/b', '1x', '服务', 'x'.repeat(129)])('FC_SERVICE=%s is no service, exit code 2', async (FC_SERVICE) => {
  const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'a', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'b' };
  const env = { ...keys, ALIYUN_ACCOUNT_ID: '1000000000000001', FC_SERVICE };
  const { code, stderr } = await runIn(env, ['replay', '--function', 'dispatch', '--event', '-', '--env', 'dev']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/FC_SERVICE ".+" is no name of a service of Function Compute 2\.0: 1 to 128 of A-Z/);
});

test.each([
  ['neither a request nor an event', [], 'give either a request id, or --function with --event'],
  ['both', ['dingtalk.x', '--function', 'dispatch', '--event', '-'], 'give either a request id, or --function'],
  ['a function without an event', ['--function', 'dispatch'], '--function and --event go together'],
  ['a task without --async', ['dingtalk.x', '--task-id', 'a'], '--task-id is for --async; add it'],
  ['a task that is none', ['dingtalk.x', '--async', '--task-id', '1'], '--task-id is 1 to 128 of A-Z'],
  ['a request that is not there', ['dingtalk.unknown'], 'there is no request dingtalk.unknown in this environment'],
  ['what is no request id', ['E123'], '"E123" is no request id; it is like dingtalk.<approval instance id>'],
  [
    'a file that is not there',
    ['--function', 'notify', '--event', '/no/file'],
    'the event file /no/file cannot be read',
  ],
])('%s is refused with what to do instead, exit code 2', async (_what, args, message) => {
  const { code, stdout, stderr } = await ops.loop('replay', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
