import {
  DescribeInvocationResultsRequest,
  DescribeInvocationsRequest,
  DescribeInvocationsRequestTag,
  RunCommandRequest,
  RunCommandRequestTag,
} from '@alicloud/ecs20140526';
import { createFakeInstance, createWorld, eventually, REGION, type World } from './harness.ts';

let world: World;
const regionId = REGION;

async function run(name: string, parameters: object = {}) {
  const command = { regionId, name, type: 'RunShellScript', commandContent: 'true', instanceId: ['i-1', 'i-2'] };
  await world.client.runCommand(new RunCommandRequest({ ...command, ...parameters }));
}

async function names(parameters: object) {
  const { body } = await world.client.describeInvocations(new DescribeInvocationsRequest({ regionId, ...parameters }));
  return body?.invocations?.invocation?.map(({ commandName }) => commandName);
}

const tag = (key: string, value?: string) => new RunCommandRequestTag(value === undefined ? { key } : { key, value });
const wanted = (key: string, value?: string) =>
  new DescribeInvocationsRequestTag(value === undefined ? { key } : { key, value });

beforeAll(async () => {
  const failing = createFakeInstance('i-2');
  failing.behave(async (task) => ({ end: 'exited', exitCode: task.username === 'failing' ? 1 : 0 }));
  world = await createWorld({ instances: [createFakeInstance('i-1'), failing] });
  await run('one', { tag: [tag('request_id', '钉钉.1 🙂'), tag('environment', 'dev')] });
  await run('two', { tag: [tag('request_id', 'lark.2'), tag('environment', 'dev')], resourceGroupId: 'rg-1' });
  await run('three', { tag: [tag('environment')], instanceId: ['i-1'] });
  await run('four', { username: 'failing' });
  await run('five', { instanceId: ['i-2'] });
  await eventually(() => (world.events.length === 8 ? true : undefined));
});
afterAll(() => world.close());

test.each([
  ['nothing', {}, ['five', 'four', 'three', 'two', 'one']],
  ['a tag', { tag: [wanted('request_id', '钉钉.1 🙂')] }, ['one']],
  ['two tags', { tag: [wanted('request_id', 'lark.2'), wanted('environment', 'dev')] }, ['two']],
  ['two tags of different runs', { tag: [wanted('request_id', 'lark.2'), wanted('environment', 'prod')] }, []],
  ['the key of a tag', { tag: [wanted('environment')] }, ['three', 'two', 'one']],
  ['a tag without value', { tag: [wanted('environment', '')] }, ['three']],
  ['the name of the command', { commandName: 'two' }, ['two']],
  ['a resource group', { resourceGroupId: 'rg-1' }, ['two']],
  ['an instance', { instanceId: 'i-1' }, ['four', 'three', 'two', 'one']],
  ['a status', { invokeStatus: 'PartialFailed' }, ['four']],
  ['a status of the older model', { invokeStatus: 'Finished', commandName: 'four' }, ['four']],
  [
    'an instance, beside which the name has no effect',
    { instanceId: 'i-2', commandName: 'x' },
    ['five', 'four', 'two', 'one'],
  ],
  ['a RepeatMode that nothing has', { repeatMode: 'Period' }, []],
  ['scheduled runs', { timed: true }, []],
])('invocations are found by %s', async (_name, parameters, found) => {
  expect(await names(parameters)).toEqual(found);
});

test('results can be found by tag and by the status of the record', async () => {
  const request = { regionId, invokeRecordStatus: 'Failed', tag: undefined };
  const find = async (parameters: object) => {
    const { body } = await world.client.describeInvocationResults(
      new DescribeInvocationResultsRequest({ ...request, ...parameters }),
    );
    return body?.invocation?.totalCount;
  };
  expect(await find({ invokeRecordStatus: 'Failed' })).toBe(1);
  expect(await find({ invokeRecordStatus: 'Finished' })).toBe(8);
  expect(await find({ invokeRecordStatus: 'Success', instanceId: 'i-2' })).toBe(3);
});

test('pages are counted by number', async () => {
  const page = async (pageNumber: number) => {
    const request = new DescribeInvocationsRequest({ regionId, pageNumber, pageSize: 2 });
    const { body } = await world.client.describeInvocations(request);
    return [body?.totalCount, body?.pageNumber, body?.pageSize, body?.invocations?.invocation?.length];
  };
  expect([await page(1), await page(3), await page(4)]).toEqual([
    [5, 1, 2, 2],
    [5, 3, 2, 1],
    [5, 4, 2, 0],
  ]);
});

test('pages follow one another by token', async () => {
  const seen: (string | undefined)[][] = [];
  let nextToken = '';
  do {
    const request = { regionId, maxResults: 3, ...(nextToken && { nextToken }) };
    const { body } = await world.client.describeInvocationResults(new DescribeInvocationResultsRequest(request));
    seen.push((body?.invocation?.invocationResults?.invocationResult ?? []).map(({ instanceId }) => instanceId));
    nextToken = body?.invocation?.nextToken ?? '';
  } while (nextToken);
  expect(seen).toEqual([
    ['i-2', 'i-1', 'i-2'],
    ['i-1', 'i-1', 'i-2'],
    ['i-1', 'i-2'],
  ]);
});

test.each([
  [{ pageNumber: 0 }, 'InvalidParam.PageNumber'],
  [{ pageSize: 51 }, 'InvalidParam.PageSize'],
  [{ maxResults: 51 }, 'InvalidParameter.MaxResults'],
  [{ nextToken: '令牌' }, 'InvalidParameter.NextToken'],
])('a page of %j is refused', async (parameters, code) => {
  await expect(names(parameters)).rejects.toMatchObject({ statusCode: 400, code });
});
