import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import FcClient, * as models from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { buildSamples, ROOT_KEY, startCloud, type TestCloud } from './start-function-compute.ts';

const samples = buildSamples();
let cloud: TestCloud;
let client: FcClient;
beforeAll(async () => {
  cloud = await startCloud(samples);
  client = new FcClient(new $OpenApiUtil.Config({ ...ROOT_KEY, endpoint: cloud.endpoint, protocol: 'http' }));
});
afterAll(async () => {
  await cloud.close();
  samples.remove();
});

const SIZES = { cpu: 0.5, memorySize: 1024, diskSize: 512, internetAccess: true };
const LOGS = new models.LogConfig({ project: 'loop-logs', logstore: 'functions' });
const TAGS = [new models.Tag({ key: '阶段', value: '生产 🚀' })];
const create = (functionName: string, input: Partial<models.CreateFunctionInput> = {}) => {
  const zipFile = readFileSync(join(__dirname, 'fixtures', 'code.zip')).toString('base64');
  const code = new models.InputCodeLocation({ zipFile });
  const body = new models.CreateFunctionInput({
    functionName,
    handler: 'index.handler',
    runtime: 'nodejs20',
    code,
    ...input,
  });
  return client.createFunction(new models.CreateFunctionRequest({ body }));
};
const get = async (name: string) => (await client.getFunction(name, new models.GetFunctionRequest({}))).body;
const update = (name: string, input: Partial<models.UpdateFunctionInput>) =>
  client.updateFunction(name, new models.UpdateFunctionRequest({ body: new models.UpdateFunctionInput(input) }));

test('sizes, logs and tags are given back as they were sent, and an update changes only what it names', async () => {
  await create('sized', { ...SIZES, logConfig: LOGS, tags: TAGS });
  expect(await get('sized')).toMatchObject({ ...SIZES, logConfig: { ...LOGS }, tags: [{ ...TAGS[0] }] });
  await update('sized', { cpu: 0.35, memorySize: 512 });
  expect(await get('sized')).toMatchObject({ cpu: 0.35, memorySize: 512, diskSize: 512, logConfig: { ...LOGS } });
});

test('what an update sends empty is empty afterwards', async () => {
  await create('blanked', { logConfig: LOGS, environmentVariables: { A: '1' } });
  await update('blanked', {
    logConfig: new models.LogConfig({ project: '', logstore: '' }),
    environmentVariables: {},
  });
  expect(await get('blanked')).toMatchObject({ logConfig: { project: '', logstore: '' }, environmentVariables: {} });
});

test.each([
  ['more than 4 GB for a vCPU', { cpu: 0.1, memorySize: 512 }],
  ['less than 1 GB for a vCPU', { cpu: 1, memorySize: 512 }],
  ['vCPU between the steps', { cpu: 0.33 }],
  ['a disk of another size', { diskSize: 1024 }],
])('%s is refused, for a new function and for one that is there', async (_what, sizes) => {
  await expect(create('wrong', sizes)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
  await expect(get('wrong')).rejects.toMatchObject({ code: 'FunctionNotFound' });
  await expect(update('sized', sizes)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
});

describe('minimum instances', () => {
  const put = (minInstances: number) =>
    client.putScalingConfig(
      'warm',
      new models.PutScalingConfigRequest({ body: new models.PutScalingConfigInput({ minInstances }) }),
    );
  const read = async () => (await client.getScalingConfig('warm', new models.GetScalingConfigRequest({}))).body;

  test('are none until they are asked for, and can be taken away', async () => {
    await create('warm', SIZES);
    await expect(read()).rejects.toMatchObject({ statusCode: 404, code: 'ScalingConfigNotFound' });
    await put(1);
    expect(await read()).toMatchObject({
      functionArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/warm',
      minInstances: 1,
      currentInstances: 1,
    });
    await client.deleteScalingConfig('warm', new models.DeleteScalingConfigRequest({}));
    await expect(read()).rejects.toMatchObject({ code: 'ScalingConfigNotFound' });
  });

  test.each([-1, 1001])('%d of them are refused', async (minInstances) => {
    await expect(put(minInstances)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
  });
});
