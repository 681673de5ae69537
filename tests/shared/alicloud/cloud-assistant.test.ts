import { type HttpRequest, type RunningServer, serve } from '../../../local/http/server.ts';
import { createCloudAssistant } from '../../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller } from '../../../shared/alicloud/ecs-caller.ts';
import type { CommandInput } from '../../../shared/request/records.ts';
import { createFakeInstance, createWorld, eventually, type World } from '../../local/cloud-assistant/harness.ts';
import { answerOf, INVOCATION, json } from './ecs-answers.ts';

const REGION = 'cn-hangzhou';

function assistantAt(port: number | string) {
  return createCloudAssistant(
    createEcsCaller({
      endpoint: `127.0.0.1:${port}`,
      protocol: 'http',
      regionId: REGION,
      credentials: () => ({ accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO' }),
    }),
    REGION,
  );
}

describe('an answer', () => {
  let server: RunningServer;
  let respond: (request: HttpRequest) => object;
  beforeAll(async () => {
    server = await serve(async (request) => json(200, respond(request)));
  });
  afterAll(() => server.close());

  const invocations = (...list: unknown[]) => {
    respond = () => ({ Invocations: { Invocation: list } });
  };
  const [SUCCEEDED, PENDING] = INVOCATION.InvokeInstances.InvokeInstance;
  const withInstance = (changes: object) =>
    invocations({ ...INVOCATION, InvokeInstances: { InvokeInstance: [{ ...SUCCEEDED, ...changes }] } });

  test('of DescribeInvocations is read as documented, 中文 and emoji included', async () => {
    respond = (request) => JSON.parse(String(answerOf(request).body));
    expect(await assistantAt(server.port).findInvocation('t-hz01')).toEqual({
      invokeId: 't-hz01',
      commandName: 'approval-loop-dev-onboarding',
      commandContent: 'echo 入职 🙂',
      parameters: { emp_id: 'E123', text: '入职 🙂' },
      tags: { 'approval-loop-request': 'dingtalk.pi-1_A' },
      instances: [
        {
          instanceId: 'i-a',
          status: 'Success',
          exitCode: 0,
          errorCode: '',
          errorInfo: '',
          startTime: '2026-01-01T00:00:01Z',
          finishTime: '2026-01-01T00:00:02Z',
          output: Buffer.from('完成 ✅\n'),
          dropped: 0,
        },
        {
          instanceId: 'i-b',
          status: 'Pending',
          exitCode: undefined,
          errorCode: '',
          errorInfo: '',
          startTime: '',
          finishTime: '',
          output: Buffer.alloc(0),
          dropped: 0,
        },
      ],
    });
  });

  test('keeps every byte of output, and the number of those that are missing', async () => {
    const output = Buffer.from([0, 0xff, 0xe5, 0x85, 0x0a]);
    withInstance({ Output: output.toString('base64'), Dropped: 123 });
    const found = await assistantAt(server.port).findInvocation('t-hz01');
    expect(found?.instances).toMatchObject([{ output, dropped: 123 }]);
  });

  test.each<[string, unknown, object]>([
    ['JSON', '{"a":"1"}', { a: '1' }],
    ['empty', '', {}],
    ['absent', undefined, {}],
    ['no JSON', 'a=1', {}],
    ['a list', '["a"]', {}],
    ['of other types', '{"a":1}', {}],
  ])('whose parameters are %s', async (_, Parameters, parameters) => {
    invocations({ ...INVOCATION, Parameters });
    expect(await assistantAt(server.port).findInvocation('t-hz01')).toMatchObject({ parameters });
  });

  test.each<[string, object]>([
    ['no tags', { Tags: undefined }],
    ['an empty list of tags', { Tags: { Tag: [] } }],
    ['tags without a list', { Tags: {} }],
  ])('with %s', async (_, changes) => {
    invocations({ ...INVOCATION, ...changes });
    expect(await assistantAt(server.port).findInvocation('t-hz01')).toMatchObject({ tags: {} });
  });

  test.each<[string, unknown[]]>([
    ['nothing', []],
    ['another invocation', [{ ...INVOCATION, InvokeId: 't-other' }]],
  ])('with %s means that the invocation is not known', async (_, list) => {
    invocations(...list);
    expect(await assistantAt(server.port).findInvocation('t-hz01')).toBeUndefined();
  });

  test.each<[string, () => void]>([
    [
      'no invocations',
      () => {
        respond = () => ({ RequestId: 'R' });
      },
    ],
    [
      'one that is no list',
      () => {
        respond = () => ({ Invocations: { Invocation: INVOCATION } });
      },
    ],
    ['an exit code that is a text', () => withInstance({ ExitCode: '0' })],
    ['a status that is missing', () => withInstance({ InvocationStatus: undefined })],
    ['output that is an object', () => withInstance({ Output: {} })],
    ['parameters that are an object', () => invocations({ ...INVOCATION, Parameters: { a: '1' } })],
    ['no instances', () => invocations({ ...INVOCATION, InvokeInstances: undefined })],
    [
      'an instance without id',
      () => invocations({ ...INVOCATION, InvokeInstances: { InvokeInstance: [{ ...PENDING, InstanceId: null }] } }),
    ],
  ])('with %s is transient, and nothing is concluded from it', async (_, prepare) => {
    prepare();
    await expect(assistantAt(server.port).findInvocation('t-hz01')).rejects.toMatchObject({
      name: 'TransientError',
      code: 'ecs.bad_answer',
    });
  });

  test('of DescribeCommands gives the command of exactly this name', async () => {
    const names = ['x-onboarding-revoke', 'X-ONBOARDING', 'x-onboarding'];
    respond = () => ({ Commands: { Command: names.map((Name, index) => ({ Name, CommandId: `c-${index}` })) } });
    const assistant = assistantAt(server.port);
    expect(await assistant.findCommandId('x-onboarding')).toBe('c-2');
    expect(await assistant.findCommandId('x-onboard')).toBeUndefined();
  });

  test.each(['RunCommand', 'InvokeCommand'] as const)('of %s without an invocation is transient', async (operation) => {
    respond = () => ({ RequestId: 'R', CommandId: 'c-1' });
    await expect(assistantAt(server.port).run({ ...INPUT, operation })).rejects.toMatchObject({
      code: 'ecs.bad_answer',
    });
  });
});

const INPUT: CommandInput = {
  operation: 'RunCommand',
  command_name: 'approval-loop-dev-onboarding',
  content: `#!/bin/sh\necho '入职 🙂' '{{emp_id}}'\n`,
  content_sha256: '0'.repeat(64),
  instances: ['i-a', 'i-b'],
  parameters: { emp_id: 'E123', text: '5L2g5aW9' },
  timeout_seconds: 60,
  client_token: 'a'.repeat(40),
  tags: { 'approval-loop-request': 'dingtalk.pi-1_A', environment: 'dev' },
};

describe('with the embedded Cloud Assistant', () => {
  let world: World;
  const instances = [createFakeInstance('i-a'), createFakeInstance('i-b')];
  const assistant = () => assistantAt(new URL(world.origin).port);
  beforeEach(async () => {
    for (const instance of instances) {
      instance.behave(async (task) => {
        task.onOutput(Buffer.from('完成 ✅\n'));
        return { end: 'exited', exitCode: instance.instanceId === 'i-a' ? 0 : 3 };
      });
    }
    world = await createWorld({ instances });
  });
  afterEach(() => world.close());

  test('a plan runs once, however often it is sent, and is found by id and by tag', async () => {
    const input = { ...INPUT, content: `${INPUT.content}# {{text}}` };
    const { invokeId } = await assistant().run(input);
    expect(await assistant().run(input)).toEqual({ invokeId });
    const ended = await eventually(async () => {
      const found = await assistant().findInvocation(invokeId);
      return found?.instances.every(({ finishTime }) => finishTime !== '') ? found : undefined;
    });
    expect(ended).toMatchObject({
      invokeId,
      commandName: input.command_name,
      commandContent: input.content,
      parameters: input.parameters,
      tags: input.tags,
      instances: [
        { instanceId: 'i-a', status: 'Success', exitCode: 0, output: Buffer.from('完成 ✅\n') },
        { instanceId: 'i-b', status: 'Failed', exitCode: 3, errorCode: 'ExitCodeNonzero' },
      ],
    });
    const tagged = await assistant().findInvocationsByTag('approval-loop-request', 'dingtalk.pi-1_A');
    expect(tagged).toMatchObject([{ invokeId, commandContent: input.content, parameters: input.parameters }]);
    expect(await assistant().findInvocationsByTag('approval-loop-request', 'dingtalk.other')).toEqual([]);
    expect(instances.map(({ tasks }) => tasks.length)).toEqual([1, 1]);
  });

  test.each<[string, Partial<CommandInput>, string]>([
    ['an instance that does not exist', { instances: ['i-nowhere'] }, 'ecs.InvalidInstance.NotFound'],
    ['a parameter that the script has not', { parameters: { emp_id: 'E1', other: 'x' } }, 'ecs.Parameter.NotMatched'],
    [
      'a command that does not exist',
      { operation: 'InvokeCommand', command_id: 'c-nowhere' },
      'ecs.InvalidCmdId.NotFound',
    ],
  ])('%s is permanent', async (_, changes, code) => {
    const running = assistant().run({ ...INPUT, parameters: { emp_id: 'E1' }, ...changes });
    await expect(running).rejects.toMatchObject({ name: 'PermanentError', code });
  });

  test('another plan under the same token is permanent', async () => {
    const input = { ...INPUT, parameters: { emp_id: 'E1' } };
    await assistant().run(input);
    const other = assistant().run({ ...input, parameters: { emp_id: 'E2' } });
    await expect(other).rejects.toMatchObject({ name: 'PermanentError', code: 'ecs.IdempotentParameterMismatch' });
  });

  test('what is not known is undefined', async () => {
    expect(await assistant().findInvocation('t-nowhere')).toBeUndefined();
    expect(await assistant().findCommandId('nowhere')).toBeUndefined();
  });
});
