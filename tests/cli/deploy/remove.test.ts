import * as sdk from '@alicloud/eventbridge';
import { type Clients, clientsOf } from '../setup/clients.ts';
import { type Account, openAccount, runIn } from '../setup/start-accounts.ts';
import { putFunctions } from './put-functions.ts';
import { makeStubS, type StubS } from './stub-s.ts';

jest.setTimeout(120_000);

let account: Account;
let clients: Clients;
let tool: StubS;
beforeAll(async () => {
  account = await openAccount();
  clients = clientsOf(account.env);
  tool = await makeStubS();
});
afterAll(async () => {
  await account.close();
  await tool.remove();
});
const loop = (...args: string[]) =>
  runIn({ ...account.env, SERVERLESS_DEVS: tool.path, DINGTALK_APP_SECRET: 'the-secret' }, args);
/** As the console does. */
async function deleteFunctions(environment: string): Promise<void> {
  for (const name of ['ingest', 'dispatch', 'notify'])
    await clients.fc.deleteFunction(`approval-loop-${environment}-${name}`);
}

test('without --yes it shows what would go and what would stay, and touches nothing', async () => {
  expect((await loop('setup', '--env', 'staging')).code).toBe(0);
  const { code, stdout } = await loop('remove', 'staging');
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/^- +remove +function/m);
  expect(stdout).toMatch(/^- +remove +role +approval-loop-staging-dispatch$/m);
  expect(stdout).toMatch(
    /^\* +keep +bucket +approval-loop-staging-records-1000000000000001 +the records of every request; /m,
  );
  expect(stdout).toMatch(/\nnothing has been removed; "remove staging --yes" does it\n$/);
  expect(account.ram.state.roles.size).toBe(3);
  expect(await tool.calls()).toEqual([]);
});

test('functions that are still there although the tool ended well keep everything that they stand on', async () => {
  await putFunctions(account, 'staging');
  expect((await loop('remove', 'staging')).stdout).toMatch(/^- +remove +function +approval-loop-staging-dispatch$/m);
  const { code, stderr } = await loop('remove', 'staging', '--yes');
  expect(code).toBe(1);
  expect((await tool.calls()).map(({ args }) => args)).toEqual([
    [
      'remove',
      '--template',
      `.s.staging.${process.pid}.yaml`,
      '--access',
      'default_serverless_devs_key',
      '--assume-yes',
    ],
  ]);
  expect(stderr).toContain(
    'error: "s remove" ended well, but Function Compute still has approval-loop-staging-ingest, approval-loop-staging-dispatch, approval-loop-staging-notify; see what it said above, or delete them in the console, then run "remove staging --yes" again; nothing else has been removed\n',
  );
  expect(account.ram.state.roles.size).toBe(3);
});

test('a function of our name that somebody else has made ends it before the tool is called', async () => {
  const before = (await tool.calls()).length;
  await putFunctions(account, 'staging', '别人的函数 🔧');
  const { code, stderr } = await loop('remove', 'staging', '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain(
    'function approval-loop-staging-notify: a function of this name was not made by deploy and is left as it is;',
  );
  expect(await tool.calls()).toHaveLength(before);
  expect(account.ram.state.roles.size).toBe(3);
});

test('with --yes goes what the functions stood on, and it says that the records stay', async () => {
  await deleteFunctions('staging');
  const before = (await tool.calls()).length;
  const { code, stdout } = await loop('remove', 'staging', '--yes');
  expect(code).toBe(0);
  // Without functions there is nothing for the tool.
  expect(await tool.calls()).toHaveLength(before);
  expect({ roles: account.ram.state.roles.size, policies: account.ram.state.policies.size }).toEqual({
    roles: 0,
    policies: 0,
  });
  await expect(
    clients.bus.getEventBus(new sdk.GetEventBusRequest({ eventBusName: 'approval-loop-staging' })),
  ).rejects.toMatchObject({ code: 'EventBusNotExist' });
  expect(stdout).toMatch(
    /\nit leaves bucket approval-loop-staging-records-1000000000000001, bucket approval-loop-staging-work-1000000000000001\n$/,
  );
});

test('a second time nothing is left to remove', async () => {
  const { code, stdout } = await loop('remove', 'staging', '--yes');
  expect(code).toBe(0);
  expect(stdout).toContain('\nstaging is removed: kept 2\n');
});

test('another environment is not touched', async () => {
  const rule = { eventBusName: 'approval-loop-dev', ruleName: 'approval-loop-dev-request' };
  expect(await clients.bus.getRule(new sdk.GetRuleRequest(rule))).toMatchObject({ status: 'ENABLE' });
  const { code, stdout } = await account.ops.loop('setup', '--env', 'dev', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/^[+~]/m);
});

test('a role with a policy of somebody else, and a bus with their rule, stay', async () => {
  await loop('setup', '--env', 'staging');
  const rule = { eventBusName: 'approval-loop-staging', ruleName: 'audit', status: 'ENABLE', targets: [] };
  const filterPattern = JSON.stringify({ source: ['dingtalk.approval'] });
  await clients.bus.createRule(new sdk.CreateRuleRequest({ ...rule, filterPattern }));
  const attached = {
    RoleName: 'approval-loop-staging-notify',
    PolicyName: 'AliyunECSFullAccess',
    PolicyType: 'System',
  };
  await clients.ram.request('AttachPolicyToRole', attached);
  const { code, stdout } = await loop('remove', 'staging', '--yes');
  expect(code).toBe(0);
  expect(stdout).toContain(
    '\nit leaves bus approval-loop-staging, role approval-loop-staging-notify, policy approval-loop',
  );
  expect([...account.ram.state.roles.keys()]).toEqual(['approval-loop-staging-notify']);
  expect(await clients.bus.getRule(new sdk.GetRuleRequest(rule))).toMatchObject({ status: 'ENABLE' });
});

test('what the tool cannot remove ends it before anything else goes', async () => {
  await loop('setup', '--env', 'prod');
  await putFunctions(account, 'prod');
  await tool.endWith(101);
  const { code, stderr } = await loop('remove', 'prod', '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain('error: s remove ended with exit code 101');
  expect([...account.ram.state.roles.keys()]).toContain('approval-loop-prod-dispatch');
});
