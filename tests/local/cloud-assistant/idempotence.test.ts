import { CreateCommandRequest, InvokeCommandRequest, RunCommandRequest } from '@alicloud/ecs20140526';
import { createFakeInstance, createWorld, eventually, type FakeInstance, REGION, type World } from './harness.ts';

let world: World;
let instance: FakeInstance;
let commandId: string;
beforeEach(async () => {
  instance = createFakeInstance('i-1');
  world = await createWorld({ instances: [instance] });
  const command = { regionId: REGION, name: 'onboarding', type: 'RunShellScript', commandContent: 'dHJ1ZQ==' };
  const { body } = await world.client.createCommand(new CreateCommandRequest(command));
  commandId = body?.commandId ?? '';
});
afterEach(() => world.close());

async function invoke(clientToken: string, parameters: object = {}) {
  const request = { regionId: REGION, commandId, instanceId: ['i-1'], clientToken, ...parameters };
  const { body } = await world.client.invokeCommand(new InvokeCommandRequest(request));
  return body?.invokeId ?? '';
}

const ended = (count: number) => eventually(() => (world.events.length >= count ? world.events : undefined));

test('the same token and parameters give the same answer and one run, also at once', async () => {
  const answers = await Promise.all([invoke('token'), invoke('token'), invoke('token')]);
  answers.push(await invoke('token'));
  await ended(1);
  expect(new Set(answers).size).toBe(1);
  expect(instance.tasks).toHaveLength(1);
});

test('an answer that was lost is given again', async () => {
  world.faults.add({ service: 'ecs', operation: 'InvokeCommand', fault: { kind: 'lose_answer' } });
  await expect(invoke('token')).rejects.toThrow();
  const invokeId = await invoke('token');
  const [event] = await ended(1);
  expect(event?.data['invokeId']).toBe(invokeId);
  expect(instance.tasks).toHaveLength(1);
});

test('the token holds after a restart and when the command is gone', async () => {
  const invokeId = await invoke('token');
  await ended(1);
  await world.pop.request('DeleteCommand', { RegionId: REGION, CommandId: commandId });
  await world.restart();
  expect(await invoke('token')).toBe(invokeId);
  expect(instance.tasks).toHaveLength(1);
});

test('the token holds whichever signature carries it', async () => {
  const invokeId = await invoke('token', { tag: [] });
  const again = { RegionId: REGION, CommandId: commandId, 'InstanceId.1': 'i-1', ClientToken: 'token' };
  await expect(world.pop.request('InvokeCommand', again)).resolves.toMatchObject({ InvokeId: invokeId });
});

test.each([
  ['another timeout', { timeout: 11 }],
  ['another user', { username: '小王' }],
  ['another instance', { instanceId: ['i-2'] }],
])('the same token with %s is refused', async (_name, change) => {
  await invoke('token');
  const mismatch = { statusCode: 403, code: 'IdempotentParameterMismatch' };
  await expect(invoke('token', change)).rejects.toMatchObject(mismatch);
});

test('tokens are case-sensitive, and an operation has its own', async () => {
  const answers = [await invoke('token'), await invoke('Token'), await invoke('')];
  const run = {
    regionId: REGION,
    type: 'RunShellScript',
    commandContent: 'true',
    instanceId: ['i-1'],
    clientToken: 'token',
  };
  const { body } = await world.client.runCommand(new RunCommandRequest(run));
  const again = await world.client.runCommand(new RunCommandRequest(run));
  expect(again.body).toMatchObject({ commandId: body?.commandId, invokeId: body?.invokeId });
  expect(new Set([...answers, body?.invokeId]).size).toBe(4);
  await ended(4);
});
