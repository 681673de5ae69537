import { DescribeInvocationsRequest, RunCommandRequest, SendFileRequest } from '@alicloud/ecs20140526';
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
let instance: FakeInstance;
beforeEach(async () => {
  instance = createFakeInstance('i-1');
  world = await createWorld({ instances: [instance] });
});
afterEach(() => world.close());

const regionId = REGION;

async function run(name: string) {
  const command = { regionId, name, type: 'RunShellScript', commandContent: 'echo 中文 🙂', instanceId: ['i-1'] };
  const { body } = await world.client.runCommand(new RunCommandRequest(command));
  return body?.invokeId ?? '';
}

async function invocation(invokeId: string) {
  const request = new DescribeInvocationsRequest({
    regionId,
    invokeId,
    includeOutput: true,
    contentEncoding: 'PlainText',
  });
  const { body } = await world.client.describeInvocations(request);
  return body?.invocations?.invocation?.[0]?.toMap();
}

const ended = (count: number) => eventually(() => (world.events.length >= count ? world.events : undefined));

test('a run that has ended is shown after a restart as before', async () => {
  instance.behave(async (task) => {
    task.onOutput(Buffer.from('你好 🙂'));
    return { end: 'exited', exitCode: 3 };
  });
  const invokeId = await run('名 🙂');
  await ended(1);
  const before = await invocation(invokeId);
  expect(before).toMatchObject({ InvokeInstances: { InvokeInstance: [{ ExitCode: 3, Output: '你好 🙂' }] } });
  await world.restart();
  expect(await invocation(invokeId)).toEqual(before);
});

test.each(['orderly', 'crash'] as const)('a run that an end (%s) interrupts is an Error without event', async (how) => {
  instance.behave(endless);
  const invokeId = await run('endless');
  await eventually(() => instance.tasks[0]);
  await world.restart(how);
  expect(await invocation(invokeId)).toMatchObject({
    InvocationStatus: 'Failed',
    InvokeStatus: 'Failed',
    InvokeInstances: {
      InvokeInstance: [{ InvocationStatus: 'Error', InstanceInvokeStatus: 'Failed', ErrorCode: 'ClientRestarted' }],
    },
  });
  expect(world.events).toEqual([]);
  expect(instance.tasks).toHaveLength(1);
});

test('a run that was not delivered yet does not start after a restart', async () => {
  world.assistant().setAgentOnline('i-1', false);
  const invokeId = await run('waiting');
  await world.restart();
  expect(await invocation(invokeId)).toMatchObject({
    InvokeInstances: { InvokeInstance: [{ InvocationStatus: 'Error', Repeats: 0 }] },
  });
  expect([instance.tasks, world.events]).toEqual([[], []]);
});

test('records are kept for 30 days', async () => {
  const invokeId = await run('old');
  const file = { regionId, name: 'a', targetDir: '/', content: 'x', instanceId: ['i-1'] };
  await world.client.sendFile(new SendFileRequest(file));
  await ended(1);
  await eventually(() => instance.files[0]);
  world.clock.advance(30 * 86_400_000);
  await world.restart();
  expect(await invocation(invokeId)).toBeDefined();
  world.clock.advance(1);
  await run('new');
  expect(await invocation(invokeId)).toBeUndefined();
  await ended(2);
});
