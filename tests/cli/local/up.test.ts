import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import EcsClient, { DescribeInstancesRequest } from '@alicloud/ecs20140526';
import EventBridge, * as eventBridge from '@alicloud/eventbridge';
import FcClient, { InvokeFunctionRequest } from '@alicloud/fc20230330';
import { Config } from '@alicloud/openapi-core/dist/utils';
import { z } from 'zod';
import { createAliOss } from '../../local/object-storage/create-ali-oss.ts';
import { killAll, run, start } from '../command-line.ts';
import { type RunningCloud, startUp } from './start-up.ts';

let folder: string;
let cloud: RunningCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'up-test-'));
  cloud = await startUp(join(folder, 'cloud'));
});
afterAll(async () => {
  await killAll();
  await rm(folder, { recursive: true, force: true });
});

/** A port that somebody else listens on. */
async function withTakenPort<T>(use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = z.object({ port: z.number() }).parse(server.address());
  try {
    return await use(address.port);
  } finally {
    server.close();
  }
}

describe('local up --json', () => {
  test('prints one line, every endpoint on a port of its own, and says how long it took', async () => {
    const { description, ports } = cloud;
    expect(await cloud.printed(/\n/)).toBe(`${JSON.stringify(description)}\n`);
    expect(new Set(ports).size).toBe(11);
    expect(description).toMatchObject({ directory: join(folder, 'cloud'), pid: cloud.pid });
    expect(description.dingtalk.people).toEqual(['zhangsan', 'lisi', 'wangwu']);
    expect(description.lark.people).toEqual(['zhangsan', 'lisi', 'wangwu']);
    expect(description.ready_ms).toBeLessThan(20_000);
  });

  test('keeps its secrets to the user who started it', async () => {
    const directory = cloud.description.directory;
    for (const [path, mode] of [
      ['.', 0o700],
      ['running.json', 0o600],
      ['cloud.json', 0o600],
    ] as const) {
      expect((await stat(join(directory, path))).mode & 0o777).toBe(mode);
    }
  });
});

describe('the official clients, unmodified, with the printed key', () => {
  const config = (endpoint: string) => {
    const { access_key_id: accessKeyId, access_key_secret: accessKeySecret, region: regionId } = cloud.description;
    return { accessKeyId, accessKeySecret, regionId, protocol: 'http', endpoint: endpoint.replace('http://', '') };
  };

  test('@alicloud/eventbridge finds the bus', async () => {
    const { bus, endpoints } = cloud.description;
    const client = new EventBridge(new eventBridge.Config(config(endpoints.event_bridge)));
    const found = await client.getEventBus(new eventBridge.GetEventBusRequest({ eventBusName: bus }));
    expect(found.eventBusName).toBe(bus);
  });

  test('@alicloud/ecs20140526 finds the instance', async () => {
    const client = new EcsClient(new Config(config(cloud.description.endpoints.ecs)));
    const found = await client.describeInstances(new DescribeInstancesRequest({ regionId: cloud.description.region }));
    const ids = found.body?.instances?.instance?.map(({ instanceId }) => instanceId);
    expect(ids).toEqual(cloud.description.instances);
  });

  test('ali-oss finds the buckets', async () => {
    const { endpoints, buckets } = cloud.description;
    const { accessKeyId, accessKeySecret } = config(endpoints.oss);
    const region = 'oss-cn-hangzhou';
    const client = createAliOss({
      accessKeyId,
      accessKeySecret,
      region,
      endpoint: endpoints.oss,
      authorizationV4: true,
    });
    const found = await client.listBuckets();
    expect(found.buckets?.map(({ name }) => name).sort()).toEqual([buckets.records, buckets.work].sort());
  });

  test('@alicloud/fc20230330 calls a function', async () => {
    const client = new FcClient(new Config(config(cloud.description.endpoints.fc)));
    const request = new InvokeFunctionRequest({ body: Readable.from([Buffer.from('{"triggerName":"sweep"}')]) });
    const { statusCode } = await client.invokeFunction('approval-loop-dev-ingest', request);
    expect(statusCode).toBe(200);
  });

  test('a wrong secret is refused', async () => {
    const client = new EcsClient(new Config({ ...config(cloud.description.endpoints.ecs), accessKeySecret: 'shine' }));
    await expect(client.describeInstances(new DescribeInstancesRequest({ regionId: 'cn-hangzhou' }))).rejects.toThrow(
      'SignatureDoesNotMatch',
    );
  });

  test('an app of DingTalk gets its token', async () => {
    const { dingtalk, endpoints } = cloud.description;
    const body = JSON.stringify({ appKey: dingtalk.app_key, appSecret: dingtalk.app_secret });
    const headers = { 'content-type': 'application/json' };
    const url = `${endpoints.dingtalk}/v1.0/oauth2/accessToken`;
    const answer = await fetch(url, { method: 'POST', headers, body });
    expect(await answer.json()).toEqual({ accessToken: expect.any(String), expireIn: 7200 });
  });

  test('an app of Lark gets its token', async () => {
    const { lark, endpoints } = cloud.description;
    const body = JSON.stringify({ app_id: lark.app_id, app_secret: lark.app_secret });
    const headers = { 'content-type': 'application/json' };
    const url = `${endpoints.lark}/open-apis/auth/v3/tenant_access_token/internal`;
    const answer = await fetch(url, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ code: 0, tenant_access_token: expect.any(String) });
  });

  test('the callback of ingest is there, and refuses what nobody has signed', async () => {
    const query = 'signature=shine&timestamp=1767323045678&nonce=n';
    const answer = await fetch(`${cloud.description.functions.ingest}/?${query}`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(403);
  });
});

describe('a start that cannot be', () => {
  test('a second cloud on the same folder is refused with the process that runs there', async () => {
    const { description, pid } = cloud;
    const { code, stdout, stderr } = await run([
      'local',
      'up',
      '--json',
      '--port',
      '0',
      '--state',
      description.directory,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `error: an embedded cloud runs on ${description.directory} already (process ${pid}); use it, or another --state\n`,
    );
    const running = await readFile(join(description.directory, 'running.json'), 'utf8');
    expect(JSON.parse(running)).toEqual(description);
  });

  test.each([0, 1, 5])('a port in use, %d after the first, is named with what to do', async (offset) => {
    await withTakenPort(async (port) => {
      const state = join(folder, `port-${offset}`);
      const ended = await run(['local', 'up', '--json', '--port', String(port - offset), '--state', state]);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toMatch(
        /^error: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+; --port takes others, 0 finds free ones\n$/,
      );
      await expect(stat(join(state, 'running.json'))).rejects.toThrow('ENOENT');
    });
  });

  test.each([
    ['a file', 'file'],
    ['a folder below a file', 'file/below'],
  ])('%s as --state is an error that names it', async (_what, name) => {
    await writeFile(join(folder, 'file'), '');
    const { code, stderr } = await run(['local', 'up', '--json', '--port', '0', '--state', join(folder, name)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*\/file/);
  });
});

test('for people it prints every endpoint, the key and a line to paste, which works as it is', async () => {
  const running = start(['local', 'up', '--port', '0', '--state', join(folder, "中文 'x'")]);
  const stdout = await running.printed(/Ctrl-C.*\n/);
  const address = '127\\.0\\.0\\.1:\\d+';
  for (const line of [
    `EventBridge {7}${address} +bus approval-loop-dev`,
    `ECS {15}${address} +instances i-\\w+`,
    `OSS {15}http://${address} +buckets approval-loop-dev-records-\\d{16}, approval-loop-dev-work-\\d{16}`,
    `Function Compute {2}http://${address} +region cn-hangzhou, account \\d{16}`,
    `DingTalk {10}http://${address} +people zhangsan, lisi, wangwu`,
    `Lark {14}http://${address} +people zhangsan, lisi, wangwu`,
    `callback {10}http://${address} +the HTTP trigger of ingest`,
    'access key {8}LTAI\\w{20} {2}\\w{30}',
    'ready after \\d+ ms\\. Submit an approval from a second terminal:',
    'Ctrl-C stops everything; a later start finds what has been made\\.',
  ]) {
    expect(stdout).toMatch(new RegExp(`^${line}$`, 'm'));
  }
  expect(stdout).not.toContain('\u001b');
  expect(stdout).not.toContain('HTTP source');
  const line = /^ {2}(npm run -s loop -- local approve .*)$/m.exec(stdout)?.[1] ?? '';
  const state = `'${folder}/中文 '\\''x'\\'''`;
  expect(line).toBe(`npm run -s loop -- local approve onboarding emp_id=E123 role=devops --state ${state}`);
  expect(await run(['-c', line], { program: ['sh'] })).toMatchObject({ code: 0, stderr: '' });
  running.interrupt();
  expect(await running.ended).toMatchObject({ code: 0, stderr: 'starting the embedded cloud …\nstopping …\n' });
});
