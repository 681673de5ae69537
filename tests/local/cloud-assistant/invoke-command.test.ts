import {
  CreateCommandRequest,
  DescribeCommandsRequest,
  DescribeInvocationResultsRequest,
  DescribeInvocationsRequest,
  InvokeCommandRequest,
  InvokeCommandRequestResourceTag,
  InvokeCommandRequestTag,
  RunCommandRequest,
} from '@alicloud/ecs20140526';
import type { InstanceResult } from '../../../local/instance/instance.ts';
import {
  ACCOUNT,
  createFakeInstance,
  createWorld,
  endless,
  eventually,
  type FakeInstance,
  REGION,
  type World,
} from './harness.ts';

let world: World;
let first: FakeInstance;
let second: FakeInstance;
beforeEach(async () => {
  first = createFakeInstance('i-1');
  second = createFakeInstance('i-2');
  world = await createWorld({
    instances: [first, second],
    instanceDetails: { 'i-2': { name: '机器二 🙂', tags: [{ key: 'role', value: 'web' }] } },
  });
});
afterEach(() => world.close());

const regionId = REGION;

async function createCommand(commandContent: string, parameters: object = {}): Promise<string> {
  const command = {
    regionId,
    name: 'onboarding',
    type: 'RunShellScript',
    commandContent,
    contentEncoding: 'PlainText',
  };
  const { body } = await world.client.createCommand(new CreateCommandRequest({ ...command, ...parameters }));
  return body?.commandId ?? '';
}

async function invoke(commandId: string, parameters: object = {}): Promise<string> {
  const { body } = await world.client.invokeCommand(
    new InvokeCommandRequest({ regionId, commandId, instanceId: ['i-1'], ...parameters }),
  );
  return body?.invokeId ?? '';
}

async function run(parameters: object = {}) {
  const command = { regionId, type: 'RunShellScript', commandContent: 'true', instanceId: ['i-1'] };
  const { body } = await world.client.runCommand(new RunCommandRequest({ ...command, ...parameters }));
  return { commandId: body?.commandId ?? '', invokeId: body?.invokeId ?? '' };
}

async function results(invokeId: string, parameters: object = {}) {
  const { body } = await world.client.describeInvocationResults(
    new DescribeInvocationResultsRequest({ regionId, invokeId, ...parameters }),
  );
  return body?.invocation?.invocationResults?.invocationResult ?? [];
}

async function invocation(invokeId: string, parameters: object = {}) {
  const request = new DescribeInvocationsRequest({ regionId, invokeId, ...parameters });
  const { body } = await world.client.describeInvocations(request);
  return body?.invocations?.invocation?.[0];
}

const ended = (count = 1) => eventually(() => (world.events.length >= count ? world.events : undefined));

const writes =
  (output: string | Buffer, exitCode = 0) =>
  async (task: { onOutput: (chunk: Buffer) => void }) => {
    task.onOutput(Buffer.from(output));
    return { end: 'exited', exitCode } satisfies InstanceResult;
  };

test('a run that succeeds is recorded, logged and published', async () => {
  first.behave(async (task) => {
    task.onOutput(Buffer.from('你好 🙂\n'));
    task.onOutput(Buffer.from('done\n'));
    world.clock.advance(2_000);
    return { end: 'exited', exitCode: 0 };
  });
  const commandId = await createCommand('echo {{v}}', { enableParameter: true, timeout: 300 });
  const tag = [new InvokeCommandRequestTag({ key: 'request_id', value: 'lark.1' })];
  const invokeId = await invoke(commandId, { parameters: { v: '中文 🙂' }, tag });
  await ended();
  expect(first.tasks).toMatchObject([
    {
      scriptName: `onboarding-${invokeId}.sh`,
      script: Buffer.from('echo 中文 🙂'),
      timeoutMs: 300_000,
      terminationMode: 'Process',
    },
  ]);
  expect((await invocation(invokeId, { includeOutput: true }))?.toMap()).toMatchObject({
    InvokeId: invokeId,
    CommandId: commandId,
    CommandName: 'onboarding',
    CommandContent: Buffer.from('echo {{v}}').toString('base64'),
    CreationTime: '2026-01-01T00:00:00Z',
    InvocationStatus: 'Success',
    InvokeStatus: 'Finished',
    Parameters: '{"v":"中文 🙂"}',
    RepeatMode: 'Once',
    Timeout: 300,
    WorkingDir: '/root',
    Username: '',
    Tags: { Tag: [{ TagKey: 'request_id', TagValue: 'lark.1' }] },
    InvokeInstances: {
      InvokeInstance: [
        {
          InstanceId: 'i-1',
          InvocationStatus: 'Success',
          InstanceInvokeStatus: 'Finished',
          ExitCode: 0,
          Output: Buffer.from('你好 🙂\ndone\n').toString('base64'),
          Dropped: 0,
          ErrorCode: '',
          ErrorInfo: '',
          Repeats: 1,
          StartTime: '2026-01-01T00:00:00Z',
          FinishTime: '2026-01-01T00:00:02Z',
          StopTime: '',
        },
      ],
    },
  });
  expect(world.events).toEqual([
    {
      type: 'ecs:CloudAssistant:TaskCompleted',
      subject: 'acs.ecs:cn-hangzhou:1234567890123456:1767225600000',
      time: '2026-01-01T08:00:02+08:00',
      data: {
        commandId,
        commandName: 'onboarding',
        errorCode: '0',
        errorDesc: '',
        exitCode: '0',
        finishTime: '2026-01-01T00:00:02Z',
        instanceId: 'i-1',
        invocationStatus: 'Success',
        invokeId,
        ownerId: ACCOUNT,
        playerUid: ACCOUNT,
        repeatMode: 'Once',
        repeats: '1',
        startTime: '2026-01-01T00:00:00Z',
      },
    },
  ]);
  const line = { invoke_id: invokeId, instance_id: 'i-1' };
  expect(world.log).toMatchObject([
    { message: 'script started', fields: line },
    { message: 'script output', fields: { ...line, bytes: 12 } },
    { message: 'completion event', fields: { ...line, status: 'Success' } },
  ]);
});

test('a failed run is Finished in the older model, and says why', async () => {
  first.behave(writes('boom 🙂', 3));
  const invokeId = await invoke(await createCommand('exit 3'));
  await ended();
  expect(await results(invokeId, { contentEncoding: 'PlainText' })).toMatchObject([
    {
      invocationStatus: 'Failed',
      invokeRecordStatus: 'Finished',
      exitCode: 3,
      errorCode: 'ExitCodeNonzero',
      errorInfo: 'the command execution exit code is not zero.',
      output: 'boom 🙂',
      finishedTime: '2026-01-01T00:00:00Z',
    },
  ]);
  expect(world.events[0]?.data).toMatchObject({
    invocationStatus: 'Failed',
    exitCode: '3',
    errorCode: 'ExitCodeNonzero',
  });
});

test.each<[InstanceResult, object]>([
  [
    { end: 'invalid', errorCode: 'AccountNotExists', message: 'no such user: 小王' },
    {
      invocationStatus: 'Invalid',
      errorCode: 'AccountNotExists',
      errorInfo: 'no such user: 小王',
      startTime: '',
      repeats: 0,
    },
  ],
  [
    { end: 'timeout' },
    { invocationStatus: 'Timeout', errorCode: 'ExecutionTimeout', exitCode: 1, finishedTime: '2026-01-01T00:01:00Z' },
  ],
])('an end of %j is recorded and published', async (end, result) => {
  first.behave(async () => end);
  const { invokeId } = await run();
  const [event] = await ended();
  expect(await results(invokeId)).toMatchObject([{ invokeRecordStatus: 'Failed', ...result }]);
  expect(event?.data['exitCode']).toBe(end.end === 'timeout' ? '1' : '');
});

test.each([
  [
    'says so',
    async (): Promise<InstanceResult> => ({ end: 'error', errorCode: 'ExecutionException', message: 'broken' }),
  ],
  ['throws', () => Promise.reject(new Error('broken'))],
])('an instance that %s leads to Error, without an event', async (_name, behaviour) => {
  first.behave(behaviour);
  const { invokeId } = await run();
  const result = await eventually(async () =>
    (await results(invokeId)).find(({ invocationStatus }) => invocationStatus === 'Error'),
  );
  expect(result).toMatchObject({ invokeRecordStatus: 'Failed', errorCode: 'ExecutionException', errorInfo: 'broken' });
  expect(world.events).toEqual([]);
});

test('every instance has its own run, event and place in the aggregate', async () => {
  second.behave(writes('', 1));
  const commandId = await createCommand('echo {{ACS::InstanceId}} {{ACS::InstanceName}}', { enableParameter: true });
  const invokeId = await invoke(commandId, { instanceId: ['i-1', 'i-2', 'i-1'] });
  await ended(2);
  expect([first, second].map(({ tasks }) => tasks.map(({ script }) => script.toString()))).toEqual([
    ['echo i-1 i-1'],
    ['echo i-2 机器二 🙂'],
  ]);
  expect(await invocation(invokeId)).toMatchObject({ invocationStatus: 'PartialFailed' });
  expect(await invocation(invokeId, { instanceId: 'i-2' })).toMatchObject({
    invokeInstances: { invokeInstance: [{ instanceId: 'i-2', exitCode: 1, output: '' }] },
  });
});

test('output of a run that goes on can be read', async () => {
  first.behave((task) => {
    task.onOutput(Buffer.from('so far 🙂'));
    return endless(task);
  });
  const { invokeId } = await run();
  const [result] = await eventually(async () => {
    const found = await results(invokeId, { contentEncoding: 'PlainText' });
    return found[0]?.output ? found : undefined;
  });
  expect(result).toMatchObject({ invocationStatus: 'Running', output: 'so far 🙂', finishedTime: '' });
  expect(await invocation(invokeId)).toMatchObject({ invocationStatus: 'Running', invokeStatus: 'Running' });
});

test('output over 24 KB is cut in the middle', async () => {
  first.behave(writes(Buffer.alloc(30_000, 'x')));
  const { invokeId } = await run();
  await ended();
  const [result] = await results(invokeId, { contentEncoding: 'PlainText' });
  expect([result?.output?.length, result?.dropped]).toEqual([24_576, 5_424]);
});

test('RunCommand takes plain text, and Base64 when asked for in any spelling', async () => {
  await run({ commandContent: 'echo 中文 🙂' });
  await run({ commandContent: Buffer.from('echo 二').toString('base64'), contentEncoding: 'BASE64' });
  await run({ commandContent: 'echo 三', contentEncoding: 'Hex' });
  await ended(3);
  const scripts = first.tasks.map(({ script }) => script.toString());
  expect(scripts).toEqual(['echo 中文 🙂', 'echo 二', 'echo 三']);
  expect(first.tasks[0]).toMatchObject({ timeoutMs: 60_000, workingDir: '/root' });
});

test('a run keeps its command only when told to', async () => {
  const kept = await run({ keepCommand: true, name: 'kept' });
  await run();
  await ended(2);
  const { body } = await world.client.describeCommands(new DescribeCommandsRequest({ regionId }));
  expect(body?.commands?.command).toMatchObject([{ commandId: kept.commandId, name: 'kept', invokeTimes: 1 }]);
  await invoke(kept.commandId, { timeout: 10, username: '小王', workingDir: '/opt', terminationMode: 'ProcessTree' });
  await ended(3);
  expect(first.tasks[2]).toMatchObject({
    timeoutMs: 10_000,
    username: '小王',
    workingDir: '/opt',
    terminationMode: 'ProcessTree',
  });
});

test('what a run was made from stays in its record', async () => {
  const commandId = await createCommand('echo 1');
  const invokeId = await invoke(commandId);
  await ended();
  await world.pop.request('DeleteCommand', { RegionId: regionId, CommandId: commandId });
  expect(await invocation(invokeId, { contentEncoding: 'PlainText' })).toMatchObject({ commandContent: 'echo 1' });
});

test('the instances can be chosen by their tags', async () => {
  const resourceTag = [new InvokeCommandRequestResourceTag({ key: 'role', value: 'web' })];
  await invoke(await createCommand('true'), { instanceId: undefined, resourceTag });
  await ended();
  expect([first.tasks.length, second.tasks.length]).toEqual([0, 1]);
});

const many = Array.from({ length: 101 }, (_, i) => `i-${i}`);

test.each([
  ['no instance', { instanceId: undefined }, 400, 'MissingParam.InstanceId'],
  ['101 instances', { instanceId: many }, 403, 'InstanceIds.ExceedLimit'],
  ['one unknown instance among others', { instanceId: ['i-1', 'i-3'] }, 404, 'InvalidInstance.NotFound'],
  ['an unknown command', { commandId: 'c-other' }, 404, 'InvalidCmdId.NotFound'],
  ['no command', { commandId: undefined }, 400, 'MissingCommandId'],
  ['parameters that are not switched on', { parameters: { v: '1' } }, 400, 'Parameter.Disabled'],
  ['a timeout of 9 seconds', { timeout: 9 }, 403, 'InvalidTimeout.ExceedLimit'],
  ['a user name of 256 characters', { username: '名'.repeat(256) }, 403, 'Username.ExceedLimit'],
  ['a working directory of 201 characters', { workingDir: '/'.repeat(201) }, 400, 'InvalidParameter.WorkingDir'],
  ['an unknown RepeatMode', { repeatMode: 'Twice' }, 404, 'InvalidRepeatMode.NotFound'],
  ['a RepeatMode that is not emulated', { repeatMode: 'EveryReboot' }, 403, 'Operation.Forbidden'],
  ['a frequency', { frequency: 'rate(5m)' }, 403, 'Operation.Forbidden'],
  ['a container', { containerName: 'box' }, 403, 'Operation.Forbidden'],
  ['an unknown TerminationMode', { terminationMode: 'All' }, 404, 'InvalidTerminationMode.NotFound'],
  [
    'instances and resource tags',
    { resourceTag: [new InvokeCommandRequestResourceTag({ key: 'role' })] },
    400,
    'InvalidResourceTag.ConflictWithInstanceIds',
  ],
  [
    'a resource tag that nothing has',
    { instanceId: undefined, resourceTag: [new InvokeCommandRequestResourceTag({ key: 'role', value: 'db' })] },
    400,
    'InvalidResourceTag.InstanceNotFound',
  ],
])('a run is refused with %s', async (_name, parameters, statusCode, code) => {
  const commandId = await createCommand('echo {{v}}');
  await expect(invoke(commandId, parameters)).rejects.toMatchObject({ statusCode, code });
  expect([first.tasks, second.tasks]).toEqual([[], []]);
});

test('a run is refused when its parameters make the script too long', async () => {
  const commandId = await createCommand('echo {{a}}{{A}}{{a}}{{A}}', { enableParameter: true });
  await invoke(commandId, { parameters: { a: 'x'.repeat(4_606) } });
  const tooLong = invoke(commandId, { parameters: { a: 'x'.repeat(4_607) } });
  await expect(tooLong).rejects.toMatchObject({ statusCode: 403, code: 'CmdContent.ExceedLimit' });
});

test('a Windows script does not fit a Linux instance', async () => {
  const commandId = await createCommand('dir', { type: 'RunBatScript' });
  await expect(invoke(commandId)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidInstance.NotMatch' });
});

test('a built-in that does not exist makes the run Invalid, not the call', async () => {
  const invokeId = await invoke(await createCommand('{{ACS::Nothing}}', { enableParameter: true }));
  await ended();
  expect(await results(invokeId)).toMatchObject([
    { invocationStatus: 'Invalid', errorCode: 'InvalidSystemBuiltInParameter', repeats: 0 },
  ]);
  expect(first.tasks).toEqual([]);
});

test('an unknown invocation is an empty list', async () => {
  expect(await results('t-other')).toEqual([]);
  expect(await invocation('t-other')).toBeUndefined();
});

test('output is only included where an invocation or an instance is named', async () => {
  const request = new DescribeInvocationsRequest({ regionId, includeOutput: true });
  await expect(world.client.describeInvocations(request)).rejects.toMatchObject({ code: 'MissingInvokeId' });
});
