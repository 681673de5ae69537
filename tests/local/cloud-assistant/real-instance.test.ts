import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeInvocationResultsRequest,
  RunCommandRequest,
  SendFileRequest,
  StopInvocationRequest,
} from '@alicloud/ecs20140526';
import { createInstance } from '../../../local/instance/create-instance.ts';
import type { Instance } from '../../../local/instance/instance.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog } from '../../../shared/log.ts';
import { createWorld, eventually, REGION, type World } from './harness.ts';

let world: World;
let instance: Instance;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'instance-'));
  // Twenty times as fast, so that a time-out of ten seconds takes half of one.
  const clock = createSystemClock({ speed: 20, origin: Date.now() });
  const log = createLog({ clock, write: () => undefined });
  instance = await createInstance({ instanceId: 'i-real', directory, hiddenPaths: [], clock, log });
  world = await createWorld({ instances: [instance] });
});
afterAll(async () => {
  await world.close();
  await instance.close();
  await rm(directory, { recursive: true, force: true });
});

const regionId = REGION;

async function run(parameters: object) {
  const command = { regionId, type: 'RunShellScript', instanceId: ['i-real'] };
  const { body } = await world.client.runCommand(new RunCommandRequest({ ...command, ...parameters }));
  return body?.invokeId ?? '';
}

async function result(invokeId: string) {
  const request = new DescribeInvocationResultsRequest({ regionId, invokeId, contentEncoding: 'PlainText' });
  const { body } = await world.client.describeInvocationResults(request);
  return body?.invocation?.invocationResults?.invocationResult?.[0];
}

const ended = async (invokeId: string) => {
  await eventually(() => world.events.find(({ data }) => data['invokeId'] === invokeId));
  return result(invokeId);
};

test('a file is sent, a script runs it with its parameters, and its output and exit code come back', async () => {
  const content = '#!/bin/sh\necho "你好 $1 🙂"\necho "to stderr" >&2\nexit 3\n';
  const file = { name: 'greet.sh', targetDir: '/opt', fileMode: '0755', content, instanceId: ['i-real'] };
  await world.client.sendFile(new SendFileRequest({ regionId, ...file }));
  await eventually(() => instance.readFile('/opt/greet.sh'));
  const commandContent = "/opt/greet.sh '{{name}}'";
  expect(await ended(await run({ commandContent, enableParameter: true, parameters: { name: '小王' } }))).toMatchObject(
    {
      invocationStatus: 'Failed',
      exitCode: 3,
      output: '你好 小王 🙂\nto stderr\n',
    },
  );
});

test.each([
  ['a user that does not exist', { username: 'nobody-here' }, 'AccountNotExists'],
  ['a folder that does not exist', { workingDir: '/nowhere' }, 'DirectoryNotExists'],
])('%s makes a run Invalid', async (_name, parameters, errorCode) => {
  const invokeId = await run({ commandContent: 'true', ...parameters });
  expect(await ended(invokeId)).toMatchObject({ invocationStatus: 'Invalid', errorCode });
});

test('a script that takes too long is killed', async () => {
  const invokeId = await run({ commandContent: 'echo before; sleep 1000', timeout: 10 });
  expect(await ended(invokeId)).toMatchObject({ invocationStatus: 'Timeout', exitCode: 1, output: 'before\n' });
});

test('a script that is stopped is killed', async () => {
  const invokeId = await run({ commandContent: 'echo started; sleep 1000', timeout: 3600 });
  await eventually(async () => ((await result(invokeId))?.output ? true : undefined));
  await world.client.stopInvocation(new StopInvocationRequest({ regionId, invokeId }));
  expect(await ended(invokeId)).toMatchObject({ invocationStatus: 'Terminated', output: 'started\n' });
});
