import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OpsCloud, openOpsCloud } from '../ops-cloud.ts';
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
  expect(stderr).toContain('Function Compute refused to invoke approval-loop-dev-dispatch: InvalidArgument; ');
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
