import * as sdk from '@alicloud/eventbridge';
import { z } from 'zod';
import { type Clients, clientsOf } from './clients.ts';
import { type Account, openAccount, runIn } from './start-accounts.ts';

jest.setTimeout(120_000);

let account: Account;
let clients: Clients;
beforeAll(async () => {
  account = await openAccount();
  clients = clientsOf(account.env);
});
afterAll(() => account.close());

const changesSchema = z.object({
  environment: z.string(),
  dry_run: z.boolean(),
  changes: z.array(z.object({ kind: z.string(), name: z.string(), did: z.string(), detail: z.string().optional() })),
});

/** What setup says that it found or did, but for what is as it should be. */
async function setup(...args: string[]) {
  const { code, stdout, stderr } = await account.loop('setup', '--env', 'staging', '--json', ...args);
  const { changes, ...rest } = changesSchema.parse(JSON.parse(stdout));
  const different = changes.filter(({ did }) => did !== 'unchanged');
  return { code, stderr, ...rest, different, all: changes };
}
const lines = (changes: readonly { kind: string; name: string; did: string }[]) =>
  changes.map(({ kind, name, did }) => `${did} ${kind} ${name}`);

const FIRST = [
  'created bucket approval-loop-staging-records-1000000000000001',
  'created bucket approval-loop-staging-work-1000000000000001',
  'created bus approval-loop-staging',
  'created rule approval-loop-staging-request',
  'created rule approval-loop-staging-progress',
  'created rule approval-loop-staging-completed',
  'created role approval-loop-staging-ingest',
  'created policy approval-loop-staging-ingest',
  'created attachment approval-loop-staging-ingest',
  'created role approval-loop-staging-dispatch',
  'created policy approval-loop-staging-dispatch',
  'created attachment approval-loop-staging-dispatch',
  'created role approval-loop-staging-notify',
  'created policy approval-loop-staging-notify',
  'created attachment approval-loop-staging-notify',
];

test('--dry-run in an empty account names all that is missing and makes nothing of it', async () => {
  const first = await setup('--dry-run');
  expect({ code: first.code, stderr: first.stderr, dry_run: first.dry_run }).toEqual({
    code: 0,
    stderr: '',
    dry_run: true,
  });
  expect(lines(first.different)).toEqual(expect.arrayContaining(FIRST));
  expect(account.ram.state.roles.size).toBe(0);
  expect(lines((await setup('--dry-run')).different)).toEqual(lines(first.different));
});

test('makes what is missing, and the second time nothing is left to do but to send the scripts', async () => {
  const first = await setup();
  expect(lines(first.different)).toEqual(expect.arrayContaining(FIRST));
  const second = await setup();
  const instance = account.ops.local.description.instances[0];
  expect(lines(second.different)).toEqual([
    `sent script scripts/provision.sh → ${instance}:/opt/provision.sh`,
    `skipped instance ${instance}`,
    'skipped alert action policy',
  ]);
  expect(second.different[1]?.detail).toBe(
    'it carries "dev" as the tag approval-loop-environment, so nothing may run on it; tag it with approval-loop-environment=staging',
  );
});

test('a role is for Function Compute alone and has the one policy of its function', async () => {
  const role = { RoleName: 'approval-loop-staging-dispatch' };
  expect(await clients.ram.request('GetRole', role)).toMatchObject({
    Role: { Description: 'Made by approval-loop setup', RoleName: 'approval-loop-staging-dispatch' },
  });
  expect(await clients.ram.request('ListPoliciesForRole', role)).toMatchObject({
    Policies: { Policy: [{ PolicyName: 'approval-loop-staging-dispatch', PolicyType: 'Custom' }] },
  });
});

test('repairs what somebody has changed: a rule, its target, a bucket, a policy, who may take on a role', async () => {
  const rule = { eventBusName: 'approval-loop-staging', ruleName: 'approval-loop-staging-request' };
  await clients.bus.disableRule(new sdk.DisableRuleRequest(rule));
  await clients.bus.deleteTargets(new sdk.DeleteTargetsRequest({ ...rule, targetIds: ['dispatch'] }));
  const records = 'approval-loop-staging-records-1000000000000001';
  await clients.bucket(records).putBucketACL(records, 'public-read');
  const everything = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
  const wide = { PolicyName: 'approval-loop-staging-notify', PolicyDocument: everything, SetAsDefault: 'true' };
  await clients.ram.request('CreatePolicyVersion', wide);
  const anybody = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1:root'] } }],
  });
  const role = { RoleName: 'approval-loop-staging-ingest', NewAssumeRolePolicyDocument: anybody };
  await clients.ram.request('UpdateRole', role);

  const repairs = [
    'updated bucket approval-loop-staging-records-1000000000000001',
    'updated rule approval-loop-staging-request',
    'created target approval-loop-staging-request → dispatch',
    'updated role approval-loop-staging-ingest',
    'updated policy approval-loop-staging-notify',
  ];
  const seen = lines((await setup('--dry-run')).different);
  expect(seen).toEqual(expect.arrayContaining(repairs));
  expect(lines((await setup()).different)).toEqual(seen);
  expect((await setup()).different.map(({ did }) => did)).toEqual(['sent', 'skipped', 'skipped']);
});

test('what somebody else has put there is named and left alone', async () => {
  const rule = { eventBusName: 'approval-loop-staging', ruleName: 'audit' };
  const pattern = JSON.stringify({ source: ['dingtalk.approval'] });
  await clients.bus.createRule(
    new sdk.CreateRuleRequest({ ...rule, filterPattern: pattern, status: 'ENABLE', targets: [] }),
  );
  const attached = {
    RoleName: 'approval-loop-staging-notify',
    PolicyName: 'AliyunECSFullAccess',
    PolicyType: 'System',
  };
  await clients.ram.request('AttachPolicyToRole', attached);
  const { code, different } = await setup();
  expect(code).toBe(0);
  expect(lines(different)).toEqual(
    expect.arrayContaining([
      'not ours rule audit',
      'not ours attachment approval-loop-staging-notify with AliyunECSFullAccess',
    ]),
  );
  expect((await clients.bus.getRule(new sdk.GetRuleRequest(rule))).filterPattern).toBe(pattern);
  expect(await clients.ram.request('ListPoliciesForRole', attached)).toMatchObject({
    Policies: { Policy: [{}, { PolicyName: 'AliyunECSFullAccess' }] },
  });
});

test('a role of the same name that somebody else has made is left as it is, and the exit code is 1', async () => {
  const trust = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }],
  });
  const role = { RoleName: 'approval-loop-prod-notify', AssumeRolePolicyDocument: trust, Description: 'by hand' };
  await clients.ram.request('CreateRole', role);
  const { code, stderr } = await account.loop('setup', '--env', 'prod');
  expect(code).toBe(1);
  expect(stderr).toBe(
    'role approval-loop-prod-notify: a role of this name was not made by setup and is left as it is; rename or delete it, or let setup take it over with --adopt, then run setup again\n',
  );
  expect(await clients.ram.request('GetRole', role)).toMatchObject({ Role: { AssumeRolePolicyDocument: trust } });
});

test('people read the difference first and then what was done', async () => {
  const { code, stdout } = await account.loop('setup', '--env', 'staging', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^staging in cn-hangzhou, account 1000000000000001\n/);
  expect(stdout).toMatch(/^> {2}send {6}script {6}scripts\/provision\.sh → i-\w+:\/opt\/provision\.sh$/m);
  expect(stdout).toMatch(/^\? {2}not ours {2}rule {8}audit$/m);
  expect(stdout).toMatch(/\n= \d+ unchanged\nnothing has been changed\n$/);
});

test('the running embedded cloud is as setup has left it at its start', async () => {
  const { code, stdout } = await account.ops.loop('setup', '--env', 'dev');
  expect(code).toBe(0);
  expect(stdout).toMatch(/\n= \d+ unchanged\ndone: sent 1, unchanged \d+\n$/);
});

test.each([
  ['without a key', {}, ['--env', 'prod'], 'ALIBABA_CLOUD_ACCESS_KEY_ID is not set; ALIBABA_CLOUD_ACCESS_KEY_SECRET'],
  ['for a name that is none', {}, ['--env', 'Prod!'], '--env "Prod!" is no name of an environment: 1 to 16 of a-z'],
  [
    'for an account that is none',
    { ALIYUN_ACCOUNT_ID: '12' },
    ['--env', 'prod'],
    'ALIYUN_ACCOUNT_ID must be the 16 digits',
  ],
])('%s it says what is needed, exit code 2', async (_what, env, args, message) => {
  const { code, stdout, stderr } = await runIn(env, ['setup', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('no output holds the secret of the key', async () => {
  const { stdout, stderr } = await runIn({ ...account.env, RAM_ENDPOINT: 'http://127.0.0.1:1' }, [
    'setup',
    '--env',
    'prod',
  ]);
  expect(stdout + stderr).not.toContain(account.env['ALIBABA_CLOUD_ACCESS_KEY_SECRET']);
});
