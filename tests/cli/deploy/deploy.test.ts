import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { main } from '../../../cli/main.ts';
import { ROOT } from '../command-line.ts';
import { ioOf } from '../ops-cloud.ts';
import { type Account, openAccount, runIn } from '../setup/start-accounts.ts';
import { putFunctions } from './put-functions.ts';
import { makeStubS, type StubS } from './stub-s.ts';

jest.setTimeout(180_000);

let account: Account;
let tool: StubS;
beforeAll(async () => {
  account = await openAccount();
  tool = await makeStubS();
  // The stub makes no functions.
  await putFunctions(account, 'staging');
});
afterAll(async () => {
  await account.close();
  await tool.remove();
});

const shell = (more: Record<string, string> = {}) => ({
  ...account.ops.local.cloud.variables,
  ...account.env,
  PATH: process.env['PATH'] ?? '',
  SERVERLESS_DEVS: tool.path,
  ALIYUN_REGION: 'cn-hangzhou',
  DINGTALK_APP_SECRET: 'the-secret-of-the-app',
  ...more,
});
const deploy = (...args: string[]) => runIn(shell(), ['deploy', ...args]);

test('--dry-run builds, checks and shows the plan, and calls nothing', async () => {
  const { code, stdout, stderr } = await deploy('prod', '--dry-run');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^prod in cn-hangzhou, account 1000000000000001\n/);
  expect(stdout).toContain('  approval-loop-prod-ingest: 0.5 vCPU, 1024 MB, 60 s, 1 kept warm\n');
  expect(stdout).toMatch(/^\+ +create +function +approval-loop-prod-dispatch$/m);
  expect(stdout).toMatch(/^\+ +create +role +approval-loop-prod-dispatch$/m);
  expect(stdout).toMatch(/\nnothing has been changed\n$/);
  expect(await tool.calls()).toEqual([]);
  expect(account.ram.state.roles.size).toBe(0);
});

test('deploys the environment with its values over s.yaml, once all that functions stand on is there', async () => {
  const { code, stdout } = await deploy('staging');
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nstaging is deployed; before: created \d+.*; after: created \d+.*\n$/);
  expect([...account.ram.state.roles.keys()]).toEqual([
    'approval-loop-staging-ingest',
    'approval-loop-staging-dispatch',
    'approval-loop-staging-notify',
  ]);
  const [call] = await tool.calls();
  expect(call?.args).toEqual([
    'deploy',
    '--template',
    `.s.staging.${process.pid}.yaml`,
    '--access',
    'default_serverless_devs_key',
    '--assume-yes',
  ]);
  expect(call?.cwd).toBe(ROOT);
  expect(parse(call?.template ?? '')).toMatchObject({
    vars: { environment: 'staging', region: 'cn-hangzhou' },
    resources: {
      ingest: {
        props: { code: `./dist/environments/\${vars.environment}/ingest`, tags: [{ key: 'stage', value: 'staging' }] },
      },
    },
  });
  expect(existsSync(join(ROOT, `.s.staging.${process.pid}.yaml`))).toBe(false);
});

test('no secret stands on a command line or in a file, and the usage report is off', async () => {
  const [call] = await tool.calls();
  const secret = account.env['ALIBABA_CLOUD_ACCESS_KEY_SECRET'] ?? '';
  expect(JSON.stringify(call?.args) + call?.template).not.toContain(secret);
  expect(call?.template).not.toContain('the-secret-of-the-app');
  expect(call?.telemetry).toBe('analysis: disable\n');
  expect(call?.env).toMatchObject({ NODE_ENV: 'test', DINGTALK_APP_SECRET: 'the-secret-of-the-app' });
  expect(existsSync(join(call?.env['serverless_devs_config_home'] ?? ROOT, '.s', 'logs'))).toBe(false);
  expect(JSON.parse(call?.env['default_serverless_devs_key'] ?? '')).toEqual({
    AccountID: '1000000000000001',
    AccessKeyID: account.env['ALIBABA_CLOUD_ACCESS_KEY_ID'],
    AccessKeySecret: secret,
  });
});

test('what the tool says is passed on, and its failure is a failure; then the same command goes on', async () => {
  await tool.endWith(101);
  const failed = await deploy('dev');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('the stub has run with ***\n');
  expect(failed.stderr).toContain(
    'error: s deploy ended with exit code 101; what it said stands above; then run deploy again',
  );
  await tool.endWith(0);
  const { code, stdout } = await deploy('dev');
  expect(code).toBe(0);
  expect(stdout).toContain('\ndev is deployed; before: sent 1, unchanged ');
});

test('Ctrl-C while the tool runs ends it, leaves no file, and says how to go on; exit code 130', async () => {
  const interrupted = new AbortController();
  const lines: ['stdout' | 'stderr', string][] = [];
  const io = ioOf(lines);
  const err = (line: string) => {
    io.err(line);
    if (line === 'the tool hangs') interrupted.abort();
  };
  const env = shell({ SERVERLESS_DEVS: await tool.hanging() });
  expect(await main(['deploy', 'staging'], { ...io, err, env, signal: interrupted.signal })).toBe(130);
  expect(lines.at(-1)).toEqual([
    'stderr',
    'interrupted in the middle of "s deploy"; run deploy again, which goes on from there',
  ]);
  expect((await readdir(ROOT)).filter((name) => name.startsWith('.s.'))).toEqual([]);
});

test('functions that are not there although the tool ended well are a failure', async () => {
  const { code, stderr } = await deploy('prod');
  expect(code).toBe(1);
  expect(stderr).toContain(
    'error: "s deploy" ended well, but Function Compute does not know approval-loop-prod-ingest, approval-loop-prod-dispatch, approval-loop-prod-notify; see what it said above, then run deploy again',
  );
});

test('a function of our name that somebody else has made is refused before anything is done, but with --adopt', async () => {
  await putFunctions(account, 'prod', '别人的函数 🔧');
  const before = (await tool.calls()).length;
  const { code, stdout, stderr } = await deploy('prod');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^x +refuse +function +approval-loop-prod-ingest/m);
  expect(stderr).toContain(
    'function approval-loop-prod-ingest: a function of this name was not made by deploy and is left as it is; rename or delete it, or let deploy take it over with --adopt, then run deploy again\n',
  );
  expect(await tool.calls()).toHaveLength(before);
  const adopted = await deploy('prod', '--adopt');
  expect(adopted.code).toBe(0);
  expect(adopted.stdout).toMatch(/^~ +repair +function +approval-loop-prod-ingest +it was not made by deploy/m);
});

test.each([
  [
    'an environment that env.yaml has not',
    ['pord'],
    {},
    'there is no environment "pord" in env.yaml; it has dev, staging, prod',
  ],
  [
    'another region than that of env.yaml',
    ['prod'],
    { ALIYUN_REGION: 'cn-beijing' },
    'ALIYUN_REGION is "cn-beijing", but env.yaml has prod in cn-hangzhou',
  ],
  [
    'secrets that functions need',
    ['prod'],
    { DINGTALK_APP_SECRET: '', ECS_INSTANCE_IDS: 'not-set' },
    'this shell has no value for what functions need: DINGTALK_APP_SECRET (ingest), ECS_INSTANCE_IDS (dispatch); set them and run deploy again\n',
  ],
  ['no key', ['prod'], { ALIBABA_CLOUD_ACCESS_KEY_ID: '' }, 'ALIBABA_CLOUD_ACCESS_KEY_ID is not set'],
])('%s is refused before anything is done, exit code 2', async (_what, args, env, message) => {
  const before = (await tool.calls()).length;
  const { code, stdout, stderr } = await runIn(shell(env), ['deploy', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(await tool.calls()).toHaveLength(before);
});

test('a variable whose value s.yaml cannot hold ends it at the check, exit code 1, and nothing is deployed', async () => {
  const before = (await tool.calls()).length;
  const { code, stderr } = await runIn(shell({ LARK_DOMAIN: 'x'.repeat(5000) }), ['deploy', 'prod']);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /s\.yaml with env\.yaml:\d+: .*names and values have \d+ bytes, of which the platform takes 4096/,
  );
  expect(await tool.calls()).toHaveLength(before);
});
