import EcsClient, {
  DescribeInstancesRequest,
  DescribeInstancesRequestTag,
  TagResourcesRequest,
  TagResourcesRequestTag,
  UntagResourcesRequest,
} from '@alicloud/ecs20140526';
import { Config } from '@alicloud/openapi-core/dist/utils';
import PopClient from '@alicloud/pop-core';
import { createFakeInstance, createWorld, REGION, type World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    instances: [createFakeInstance('i-1'), createFakeInstance('i-2')],
    instanceDetails: { 'i-2': { name: '机器 <二> & 🙂', tags: [{ key: 'role', value: 'web' }] } },
  });
});
afterAll(() => world.close());

const describeInstances = (parameters: object = {}, client = world.client) =>
  client.describeInstances(new DescribeInstancesRequest({ regionId: REGION, ...parameters }));

test('instances are described, found by id and by tag', async () => {
  const { body } = await describeInstances();
  expect(body?.toMap()).toMatchObject({
    TotalCount: 2,
    Instances: {
      Instance: [
        { InstanceId: 'i-1', InstanceName: 'i-1', Status: 'Running', RegionId: 'cn-hangzhou', Tags: { Tag: [] } },
        { InstanceId: 'i-2', InstanceName: '机器 <二> & 🙂', Tags: { Tag: [{ TagKey: 'role', TagValue: 'web' }] } },
      ],
    },
  });
  const ids = async (parameters: object) =>
    (await describeInstances(parameters)).body?.instances?.instance?.map(({ instanceId }) => instanceId);
  expect(await ids({ instanceIds: '["i-2","i-9"]' })).toEqual(['i-2']);
  expect(await ids({ tag: [new DescribeInstancesRequestTag({ key: 'role', value: 'web' })] })).toEqual(['i-2']);
  expect(await ids({ status: 'Stopped' })).toEqual([]);
  await expect(ids({ instanceIds: 'i-2' })).rejects.toMatchObject({ code: 'InvalidParameter' });
});

test.each([
  ['the newer signature', {}],
  ['the older signature', { signatureAlgorithm: 'v2' }],
])('a refusal has the shape of the service with %s', async (_name, more) => {
  const key = { accessKeyId: 'AKDEMO', accessKeySecret: 'wrong' };
  const endpoint = world.origin.replace('http://', '');
  const client = new EcsClient(new Config({ ...key, endpoint, protocol: 'http', regionId: REGION, ...more }));
  await expect(describeInstances({}, client)).rejects.toMatchObject({
    statusCode: 400,
    code: 'SignatureDoesNotMatch',
    data: {
      RequestId: expect.stringMatching(/^ID-\d+$/),
      HostId: 'ecs.cn-hangzhou.aliyuncs.com',
      Recommend: 'https://api.aliyun.com/troubleshoot?q=SignatureDoesNotMatch&product=Ecs',
    },
  });
});

test.each(['GET', 'POST'])('the older client works with %s', async (method) => {
  const parameters = { RegionId: REGION, InstanceIds: '["i-2"]' };
  expect(await world.pop.request('DescribeInstances', parameters, { method })).toMatchObject({
    Instances: { Instance: [{ InstanceName: '机器 <二> & 🙂' }] },
  });
});

test.each([
  ['an unknown operation', 'RebootInstance', '2014-05-26', 'InvalidApi.NotFound'],
  ['another version', 'DescribeInstances', '2015-01-01', 'InvalidApi.NotFound'],
])('%s is not found', async (_name, action, apiVersion, code) => {
  const client = new PopClient({
    accessKeyId: 'AKDEMO',
    accessKeySecret: 'SKDEMO',
    endpoint: world.origin,
    apiVersion,
  });
  await expect(client.request(action, { RegionId: REGION })).rejects.toMatchObject({ code });
});

test('a header that the older signature does not cover has no effect', async () => {
  const headers = { 'x-acs-action': 'DeleteCommand', 'x-acs-version': '1' };
  const answer = await world.pop.request('DescribeInstances', { RegionId: REGION }, { headers });
  expect(answer).toMatchObject({ TotalCount: 2 });
});

test.each([
  [{ Format: 'JSON' }, /^\{"RequestId":"ID-\d+",.*"Code":"MissingAccessKeyId"/],
  [
    {},
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><RequestId>ID-\d+<\/RequestId>.*<Code>MissingAccessKeyId<\/Code>/,
  ],
])('without a signature the answer to %j is a refusal', async (parameters, body) => {
  const query = new URLSearchParams({ Action: 'DescribeInstances', Version: '2014-05-26', ...parameters });
  const response = await fetch(`${world.origin}/?${query}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(body);
});

test('XML is answered when it is asked for', async () => {
  const parameters = { RegionId: REGION, Format: 'XML', InstanceIds: '["i-2"]' };
  // pop-core cannot read XML; its error carries the text.
  await expect(world.pop.request('DescribeInstances', parameters)).rejects.toMatchObject({
    text: expect.stringMatching(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<DescribeInstancesResponse><TotalCount>1<\/TotalCount>.*<InstanceName>机器 &lt;二&gt; &amp; 🙂<\/InstanceName>.*<Tags><Tag><TagKey>role<\/TagKey>/,
    ),
  });
});

test.each([
  [{ kind: 'error', status: 400, code: 'Throttling.User' } as const, { code: 'Throttling.User', statusCode: 400 }],
  [
    { kind: 'error', status: 503, code: 'ServiceUnavailable' } as const,
    { code: 'ServiceUnavailable', statusCode: 503 },
  ],
  [{ kind: 'answer', status: 200, body: '<html>' } as const, { name: 'SyntaxError' }],
])('the service misbehaves as asked: %j', async (fault, error) => {
  world.faults.add({ service: 'ecs', operation: 'DescribeInstances', fault });
  await expect(describeInstances()).rejects.toMatchObject(error);
  expect((await describeInstances()).body?.totalCount).toBe(2);
});

test('an instance is tagged, tagged anew and untagged, and its other tags stay', async () => {
  const { client } = world;
  const resources = { regionId: REGION, resourceType: 'instance', resourceId: ['i-2'] };
  const tag = (value: string) =>
    client.tagResources(
      new TagResourcesRequest({ ...resources, tag: [new TagResourcesRequestTag({ key: '环境 🙂', value })] }),
    );
  const tags = async () => {
    const { body } = await describeInstances({ instanceIds: '["i-2"]' });
    return body?.instances?.instance?.[0]?.tags?.tag?.map(({ tagKey, tagValue }) => `${tagKey}=${tagValue}`);
  };
  await tag('dev');
  await tag('prod');
  expect(await tags()).toEqual(['role=web', '环境 🙂=prod']);
  await client.untagResources(new UntagResourcesRequest({ ...resources, tagKey: ['环境 🙂'] }));
  expect(await tags()).toEqual(['role=web']);
  const unknown = new UntagResourcesRequest({ ...resources, resourceId: ['i-9'], tagKey: ['role'] });
  await expect(client.untagResources(unknown)).rejects.toMatchObject({ code: 'InvalidInstance.NotFound' });
});
