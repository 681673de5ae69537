import { DescribeSendFileResultsRequest, SendFileRequest } from '@alicloud/ecs20140526';
import { createFakeInstance, createWorld, eventually, type FakeInstance, REGION, type World } from './harness.ts';

let world: World;
let instance: FakeInstance;
beforeEach(async () => {
  instance = createFakeInstance('i-1');
  world = await createWorld({ instances: [instance] });
});
afterEach(() => world.close());

const regionId = REGION;

async function send(parameters: object = {}): Promise<string> {
  const file = {
    regionId,
    name: 'provision.sh',
    targetDir: '/opt',
    content: '#!/bin/sh\necho 你好 🙂\n',
    instanceId: ['i-1'],
  };
  const { body } = await world.client.sendFile(new SendFileRequest({ ...file, ...parameters }));
  return body?.invokeId ?? '';
}

async function outcome(invokeId: string) {
  const request = new DescribeSendFileResultsRequest({ regionId, invokeId });
  const { body } = await world.client.describeSendFileResults(request);
  return body?.invocations?.invocation?.[0]?.toMap();
}

const ended = (invokeId: string) =>
  eventually(async () => {
    const task = await outcome(invokeId);
    return ['Pending', 'Running'].includes(task?.['InvocationStatus']) ? undefined : task;
  });

test('a file is put on the instance as asked, without an event', async () => {
  const invokeId = await send({ fileMode: '0755', fileOwner: 'ops', fileGroup: 'staff' });
  expect(invokeId).toBe('f-id1');
  expect(await ended(invokeId)).toMatchObject({
    InvocationStatus: 'Success',
    Name: 'provision.sh',
    TargetDir: '/opt',
    Content: '#!/bin/sh\necho 你好 🙂\n',
    ContentType: 'PlainText',
    FileMode: '0755',
    Overwrite: 'false',
    VmCount: 1,
    InvokeInstances: { InvokeInstance: [{ InstanceId: 'i-1', InvocationStatus: 'Success', ErrorCode: '' }] },
  });
  expect(instance.files).toEqual([
    {
      path: '/opt/provision.sh',
      content: Buffer.from('#!/bin/sh\necho 你好 🙂\n'),
      mode: '0755',
      owner: 'ops',
      group: 'staff',
      overwrite: false,
    },
  ]);
  expect(world.events).toEqual([]);
});

test('a file that exists is only replaced when asked for', async () => {
  await ended(await send());
  expect(await ended(await send())).toMatchObject({
    InvocationStatus: 'Failed',
    InvokeInstances: { InvokeInstance: [{ InvocationStatus: 'Failed', ErrorCode: 'FileAlreadyExists' }] },
  });
  expect(await ended(await send({ overwrite: true }))).toMatchObject({ InvocationStatus: 'Success' });
});

test('Base64 is decoded', async () => {
  await ended(await send({ content: '/wCA', contentType: 'Base64' }));
  expect(instance.files[0]?.content).toEqual(Buffer.from([0xff, 0x00, 0x80]));
});

test('a file for an instance that is offline for a minute is not sent', async () => {
  world.assistant().setAgentOnline('i-1', false);
  const invokeId = await send();
  expect(await outcome(invokeId)).toMatchObject({ InvocationStatus: 'Pending' });
  world.clock.advance(60_000);
  expect(await ended(invokeId)).toMatchObject({
    InvokeInstances: { InvokeInstance: [{ InvocationStatus: 'Aborted', ErrorCode: 'ClientNotOnline' }] },
  });
});

test('the same token sends once', async () => {
  const [one, two] = await Promise.all([send({ clientToken: 'token' }), send({ clientToken: 'token' })]);
  expect(one).toBe(two);
  await ended(one);
  expect(instance.files).toHaveLength(1);
});

test.each([
  ['no instance', { instanceId: undefined }, 400, 'MissingParam.InstanceId'],
  ['51 instances', { instanceId: Array.from({ length: 51 }, (_, i) => `i-${i}`) }, 403, 'InstanceIds.ExceedLimit'],
  ['an unknown instance', { instanceId: ['i-2'] }, 404, 'InvalidInstance.NotFound'],
  ['no content', { content: '' }, 400, 'MissingContent'],
  ['an unknown type', { contentType: 'Hex' }, 400, 'FileContentType.Invalid'],
  ['content that is not Base64', { content: '???', contentType: 'Base64' }, 400, 'FileContent.DecodeError'],
  ['a name of 256 characters', { name: '名'.repeat(256) }, 403, 'FileName.ExceedLimit'],
  ['a relative folder', { targetDir: 'opt' }, 400, 'FileTargetDir.Invalid'],
  ['a mode in letters', { fileMode: 'rwx' }, 400, 'FileMode.Invalid'],
  ['an owner of 65 characters', { fileOwner: 'o'.repeat(65) }, 400, 'InvalidParameter.FileOwner'],
])('a file is refused with %s', async (_name, parameters, statusCode, code) => {
  await expect(send(parameters)).rejects.toMatchObject({ statusCode, code });
});

test('content may have 32 KB as Base64, and no more', async () => {
  const post = (bytes: number) => {
    const file = { RegionId: REGION, Name: 'long', TargetDir: '/', Content: 'x'.repeat(bytes), 'InstanceId.1': 'i-1' };
    return world.pop.request('SendFile', file, { method: 'POST' });
  };
  await expect(post(24_576)).resolves.toMatchObject({ InvokeId: expect.stringMatching(/^f-/) });
  await expect(post(24_577)).rejects.toMatchObject({ code: 'FileSize.ExceedLimit' });
});
