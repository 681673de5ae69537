import {
  DescribeCloudAssistantStatusRequest,
  DescribeInvocationResultsRequest,
  RunCommandRequest,
  StopInvocationRequest,
} from '@alicloud/ecs20140526';
import {
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
  [first, second] = [createFakeInstance('i-1'), createFakeInstance('i-2')];
  world = await createWorld({ instances: [first, second] });
});
afterEach(() => world.close());

const regionId = REGION;

async function run(instanceId: string[]) {
  const command = { regionId, type: 'RunShellScript', commandContent: 'sleep 1000', instanceId };
  const { body } = await world.client.runCommand(new RunCommandRequest(command));
  return body?.invokeId ?? '';
}

const stop = (invokeId: string, instanceId?: string[]) =>
  world.client.stopInvocation(new StopInvocationRequest({ regionId, invokeId, ...(instanceId && { instanceId }) }));

async function results(invokeId: string) {
  const request = new DescribeInvocationResultsRequest({ regionId, invokeId });
  const { body } = await world.client.describeInvocationResults(request);
  return body?.invocation?.invocationResults?.invocationResult ?? [];
}

const ended = (count: number) => eventually(() => (world.events.length >= count ? world.events : undefined));
const started = (instance: FakeInstance) => eventually(() => instance.tasks[0]);

test('a run that is stopped ends as Terminated', async () => {
  first.behave(endless);
  const invokeId = await run(['i-1']);
  await started(first);
  world.clock.advance(5_000);
  await stop(invokeId);
  const [event] = await ended(1);
  expect(await results(invokeId)).toMatchObject([
    {
      invocationStatus: 'Terminated',
      invokeRecordStatus: 'Stopped',
      stopTime: '2026-01-01T00:00:05Z',
      finishedTime: '2026-01-01T00:00:05Z',
      repeats: 1,
    },
  ]);
  expect(event?.data['invocationStatus']).toBe('Terminated');
});

test('a run whose stop takes its time is Stopping', async () => {
  let finish = (): void => undefined;
  first.behave(() => new Promise((resolve) => (finish = () => resolve({ end: 'stopped' }))));
  const invokeId = await run(['i-1']);
  await started(first);
  await stop(invokeId);
  expect(await results(invokeId)).toMatchObject([{ invocationStatus: 'Stopping', invokeRecordStatus: 'Stopping' }]);
  finish();
  await ended(1);
  expect(await results(invokeId)).toMatchObject([{ invocationStatus: 'Terminated' }]);
});

test('a run that is stopped before it was delivered ends as Cancelled', async () => {
  world.assistant().setAgentOnline('i-1', false);
  const invokeId = await run(['i-1']);
  await stop(invokeId);
  await ended(1);
  expect(await results(invokeId)).toMatchObject([
    { invocationStatus: 'Cancelled', invokeRecordStatus: 'Stopped', repeats: 0 },
  ]);
  expect(first.tasks).toEqual([]);
});

test('single instances of an invocation can be stopped, and what has ended stays as it is', async () => {
  second.behave(endless);
  const invokeId = await run(['i-1', 'i-2']);
  await started(second);
  await ended(1);
  await stop(invokeId, ['i-2']);
  await ended(2);
  await stop(invokeId);
  expect(await results(invokeId)).toMatchObject([
    { instanceId: 'i-1', invocationStatus: 'Success', stopTime: '' },
    { instanceId: 'i-2', invocationStatus: 'Terminated' },
  ]);
});

test.each([
  ['an unknown invocation', 't-other', ['i-1'], 404, 'InvalidInvokeId.NotFound'],
  ['an instance that is not part of it', undefined, ['i-2'], 404, 'InvalidInstanceId.NotFound'],
  ['51 instances', undefined, Array.from({ length: 51 }, (_, i) => `i-${i}`), 403, 'InstanceIds.ExceedLimit'],
])('a stop is refused for %s', async (_name, other, instanceIds, statusCode, code) => {
  const invokeId = await run(['i-1']);
  await expect(stop(other ?? invokeId, instanceIds)).rejects.toMatchObject({ statusCode, code });
});

test('a run that cannot be delivered for a minute is Aborted', async () => {
  world.assistant().setAgentOnline('i-1', false);
  const invokeId = await run(['i-1']);
  world.clock.advance(59_999);
  expect(await results(invokeId)).toMatchObject([{ invocationStatus: 'Pending', invokeRecordStatus: 'Running' }]);
  world.clock.advance(1);
  const [event] = await ended(1);
  expect(await results(invokeId)).toMatchObject([
    {
      invocationStatus: 'Aborted',
      invokeRecordStatus: 'Failed',
      errorCode: 'ClientNotOnline',
      startTime: '',
      repeats: 0,
    },
  ]);
  expect(event?.data).toMatchObject({
    invocationStatus: 'Aborted',
    errorCode: 'ClientNotOnline',
    exitCode: '',
    repeats: '0',
  });
});

test('a run is delivered when the agent comes back in time', async () => {
  world.assistant().setAgentOnline('i-1', false);
  const invokeId = await run(['i-1']);
  world.clock.advance(30_000);
  world.assistant().setAgentOnline('i-1', true);
  await ended(1);
  expect(await results(invokeId)).toMatchObject([{ invocationStatus: 'Success', startTime: '2026-01-01T00:00:30Z' }]);
});

test('the status of the agents is told', async () => {
  first.behave(endless);
  await run(['i-1', 'i-2']);
  await started(first);
  await ended(1);
  world.assistant().setAgentOnline('i-2', false);
  world.clock.advance(1_000);
  const describe = async (instanceId: string[]) => {
    const request = new DescribeCloudAssistantStatusRequest({ regionId, instanceId });
    const { body } = await world.client.describeCloudAssistantStatus(request);
    return body?.instanceCloudAssistantStatusSet?.instanceCloudAssistantStatus?.map((status) => status.toMap());
  };
  const online = {
    CloudAssistantStatus: 'true',
    CloudAssistantVersion: '2.2.3.857',
    ActiveTaskCount: 1,
    InvocationCount: 0,
  };
  const offline = { CloudAssistantStatus: 'false', CloudAssistantVersion: '', ActiveTaskCount: 0, InvocationCount: 1 };
  expect(await describe([])).toMatchObject([
    { InstanceId: 'i-1', ...online, LastHeartbeatTime: '2026-01-01T00:00:01Z' },
    {
      InstanceId: 'i-2',
      ...offline,
      LastHeartbeatTime: '2026-01-01T00:00:00Z',
      LastInvokedTime: '2026-01-01T00:00:00Z',
    },
  ]);
  expect(await describe(['i-2'])).toHaveLength(1);
  await expect(describe(['i-3'])).rejects.toMatchObject({ statusCode: 404, code: 'InvalidInstance.NotFound' });
});
