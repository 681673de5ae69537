import {
  CreateCommandRequest,
  CreateCommandRequestTag,
  DeleteCommandRequest,
  DescribeCommandsRequest,
  DescribeCommandsRequestTag,
  ModifyCommandRequest,
} from '@alicloud/ecs20140526';
import { createFakeInstance, createWorld, REGION, type World } from './harness.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ instances: [createFakeInstance('i-1')] });
});
afterEach(() => world.close());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const regionId = REGION;

async function create(parameters: ConstructorParameters<typeof CreateCommandRequest>[0] = {}): Promise<string> {
  const { body } = await world.client.createCommand(
    new CreateCommandRequest({
      regionId,
      name: 'onboarding',
      type: 'RunShellScript',
      commandContent: base64('echo {{v}}'),
      ...parameters,
    }),
  );
  return body?.commandId ?? '';
}

async function find(parameters: object = {}) {
  const { body } = await world.client.describeCommands(new DescribeCommandsRequest({ regionId, ...parameters }));
  return body?.commands?.command ?? [];
}

test('a command is described as it was created', async () => {
  const commandId = await create({
    name: '入职 🙂',
    description: '新人 🙂',
    commandContent: base64('#!/bin/sh\necho 你好 {{ Emp_ID }} {{emp_id}} {{role}}'),
    enableParameter: true,
    timeout: 300,
    workingDir: '/opt',
    tag: [new CreateCommandRequestTag({ key: 'environment', value: 'dev' }), new CreateCommandRequestTag({ key: 'k' })],
  });
  expect(commandId).toBe('c-id1');
  const [command] = await find({ commandId });
  expect(command?.toMap()).toMatchObject({
    CommandId: 'c-id1',
    Name: '入职 🙂',
    Description: '新人 🙂',
    Type: 'RunShellScript',
    CommandContent: base64('#!/bin/sh\necho 你好 {{ Emp_ID }} {{emp_id}} {{role}}'),
    CreationTime: '2026-01-01T00:00Z',
    Timeout: 300,
    WorkingDir: '/opt',
    EnableParameter: true,
    ParameterNames: { ParameterName: ['Emp_ID', 'role'] },
    InvokeTimes: 0,
    Tags: {
      Tag: [
        { TagKey: 'environment', TagValue: 'dev' },
        { TagKey: 'k', TagValue: '' },
      ],
    },
  });
});

test.each([
  ['Base64 when nothing is said', { commandContent: base64('echo 中') }, 'echo 中'],
  ['Base64 for an unknown encoding', { commandContent: base64('echo 中'), contentEncoding: 'Hex' }, 'echo 中'],
  ['plain text when asked for', { commandContent: 'echo 中', contentEncoding: 'PlainText' }, 'echo 中'],
])('content is %s', async (_name, parameters, content) => {
  await create(parameters);
  expect(await find({ contentEncoding: 'PlainText' })).toMatchObject([{ commandContent: content }]);
});

test.each([
  ['a name of 128 characters', { name: '名'.repeat(128) }],
  ['a Windows type', { type: 'RunPowerShellScript' }],
  ['braces that mean nothing', { commandContent: base64('echo {{ }}') }],
  ['a launcher', { launcher: 'python3 -u {{ACS::ScriptFileName|Ext(".py")}}' }],
])('a command is accepted with %s', async (_name, parameters) => {
  expect(await create(parameters)).toBe('c-id1');
});

test.each([
  ['no name', { name: undefined }, 400, 'MissingName'],
  ['no type', { type: undefined }, 400, 'MissingType'],
  ['no content', { commandContent: '' }, 400, 'MissingCommandContent'],
  ['an unknown type', { type: 'RunPython' }, 404, 'InvalidCmdType.NotFound'],
  ['a name of 129 characters', { name: '名'.repeat(129) }, 403, 'CmdName.ExceedLimit'],
  ['a line break in the name', { name: 'a\nb' }, 403, 'InvalidParameterCharacter.CommandName'],
  ['a description of 513 characters', { description: 'd'.repeat(513) }, 403, 'CmdDesc.ExceedLimit'],
  ['content that is not Base64', { commandContent: 'echo hello' }, 400, 'CmdContent.DecodeError'],
  ['a timeout of 9 seconds', { timeout: 9 }, 403, 'InvalidTimeout.ExceedLimit'],
  ['a working directory of 201 characters', { workingDir: '/'.repeat(201) }, 400, 'InvalidParameter.WorkingDir'],
  ['a launcher over 1 KB', { launcher: 'l'.repeat(1025) }, 403, 'InvalidLauncher.LengthLimitExceeded'],
  ['an empty parameter name', { commandContent: base64('{{ }}'), enableParameter: true }, 400, 'CmdParam.EmptyKey'],
  ['a token of 65 characters', { clientToken: 't'.repeat(65) }, 400, 'InvalidClientToken.Malformed'],
  ['a token that is not ASCII', { clientToken: '令牌' }, 400, 'InvalidClientToken.Malformed'],
  ['another region', { regionId: 'cn-beijing' }, 404, 'InvalidRegionId.NotFound'],
  ['no region', { regionId: undefined }, 400, 'MissingRegionId'],
])('a command is refused with %s', async (_name, parameters, statusCode, code) => {
  await expect(create(parameters)).rejects.toMatchObject({ statusCode, code });
});

test.each([
  ['an empty key', { key: '', value: 'v' }, 'MissingParameter.TagKey'],
  ['a key of 65 characters', { key: 'k'.repeat(65) }, 'InvalidTagKey.Malformed'],
  ['a key that starts with aliyun', { key: 'aliyun-x' }, 'InvalidTagKey.Malformed'],
  ['a key that starts with acs:', { key: 'acs:x' }, 'InvalidTagKey.Malformed'],
  ['an address in the key', { key: 'x-http://y' }, 'InvalidTagKey.Malformed'],
  ['a value of 129 characters', { key: 'k', value: 'v'.repeat(129) }, 'InvalidTagValue.Malformed'],
  ['an address in the value', { key: 'k', value: 'https://x' }, 'InvalidTagValue.Malformed'],
])('a tag is refused with %s', async (_name, tag, code) => {
  const parameters = { tag: [new CreateCommandRequestTag(tag)] };
  await expect(create(parameters)).rejects.toMatchObject({ statusCode: 400, code });
});

test.each([
  ['twenty-one tags', Array.from({ length: 21 }, (_, i) => `k${i}`), 'NumberExceed.Tags'],
  ['one key twice', ['k', 'k'], 'Duplicate.TagKey'],
])('%s are refused', async (_name, keys, code) => {
  const tag = keys.map((key) => new CreateCommandRequestTag({ key, value: 'v' }));
  await expect(create({ tag })).rejects.toMatchObject({ statusCode: 400, code });
});

test('content may have 24 KB as Base64, and no more', async () => {
  const send = (bytes: number) => {
    const CommandContent = base64('x'.repeat(bytes));
    const parameters = { RegionId: REGION, Name: 'long', Type: 'RunShellScript', CommandContent };
    return world.pop.request('CreateCommand', parameters, { method: 'POST' });
  };
  await expect(send(18_432)).resolves.toMatchObject({ CommandId: expect.stringMatching(/^c-/) });
  await expect(send(18_433)).rejects.toMatchObject({ code: 'CmdContent.ExceedLimit' });
});

test('commands are found by what is asked for, newest first', async () => {
  await create({ name: 'dev-onboarding', tag: [new CreateCommandRequestTag({ key: 'environment', value: 'dev' })] });
  await create({ name: 'dev-server', description: 'resources' });
  await create({ name: 'prod-onboarding', type: 'RunBatScript' });
  const names = async (parameters: object) => (await find(parameters)).map(({ name }) => name);
  expect(await names({})).toEqual(['prod-onboarding', 'dev-server', 'dev-onboarding']);
  expect(await names({ name: 'dev-server' })).toEqual(['dev-server']);
  expect(await names({ name: 'dev-*' })).toEqual(['dev-server', 'dev-onboarding']);
  expect(await names({ name: '*onboarding' })).toEqual(['prod-onboarding', 'dev-onboarding']);
  expect(await names({ name: '*serv*' })).toEqual(['dev-server']);
  expect(await names({ description: 'res*' })).toEqual(['dev-server']);
  expect(await names({ type: 'RunBatScript' })).toEqual(['prod-onboarding']);
  expect(await names({ tag: [new DescribeCommandsRequestTag({ key: 'environment' })] })).toEqual(['dev-onboarding']);
  expect(await names({ commandId: 'c-other' })).toEqual([]);
  expect(await names({ provider: 'AlibabaCloud' })).toEqual([]);
});

test('a command can be modified, except for its content, and deleted', async () => {
  const commandId = await create();
  const change = { regionId, commandId, name: '新名 🙂', timeout: 90, commandContent: base64('rm -rf /') };
  await world.client.modifyCommand(new ModifyCommandRequest(change));
  expect(await find({ contentEncoding: 'PlainText' })).toMatchObject([
    { name: '新名 🙂', timeout: 90, commandContent: 'echo {{v}}', workingDir: '' },
  ]);
  await world.client.deleteCommand(new DeleteCommandRequest({ regionId, commandId }));
  expect(await find()).toEqual([]);
  const missing = { statusCode: 404, code: 'InvalidCmdId.NotFound' };
  const request = new DeleteCommandRequest({ regionId, commandId });
  await expect(world.client.deleteCommand(request)).rejects.toMatchObject(missing);
  await expect(world.client.modifyCommand(new ModifyCommandRequest(change))).rejects.toMatchObject(missing);
});

test('the same token creates one command, also after a restart', async () => {
  const commandId = await create({ clientToken: 'token-1' });
  expect(await create({ clientToken: 'token-1' })).toBe(commandId);
  await world.restart();
  expect(await create({ clientToken: 'token-1' })).toBe(commandId);
  const other = create({ clientToken: 'token-1', name: 'other' });
  await expect(other).rejects.toMatchObject({ statusCode: 403, code: 'IdempotentParameterMismatch' });
  expect(await find()).toHaveLength(1);
});
