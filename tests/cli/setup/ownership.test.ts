import { CreateEventBusRequest, CreateRuleRequest, GetEventBusRequest, GetRuleRequest } from '@alicloud/eventbridge';
import { z } from 'zod';
import { type Clients, clientsOf } from './clients.ts';
import { type Account, openAccount } from './start-accounts.ts';

jest.setTimeout(120_000);

let account: Account;
let clients: Clients;
beforeAll(async () => {
  account = await openAccount();
  clients = clientsOf(account.env);
});
afterAll(() => account.close());

const NAME = 'approval-loop-prod-dispatch';
const POLICY = 'approval-loop-prod-notify';
const RECORDS = 'approval-loop-prod-records-1000000000000001';
const WORK = 'approval-loop-prod-work-1000000000000001';
const RULE = { eventBusName: 'default', ruleName: 'approval-loop-prod-completed' };
const BUS = { eventBusName: 'approval-loop-prod' };
const PATTERN = JSON.stringify({ source: ['acs.oss'] });
const TRUST = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }],
});
const DOCUMENT = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] });

const commandsSchema = z.object({
  Commands: z.object({
    Command: z.array(z.object({ CommandId: z.string(), Name: z.string(), CommandContent: z.string() })),
  }),
});
const REGION = { RegionId: 'cn-hangzhou' };
const commands = async (Name: string) =>
  commandsSchema.parse(await clients.ecs.request('DescribeCommands', { ...REGION, Name })).Commands.Command;
/** Somebody's command, by chance under the name that setup would give its own. */
const theirCommand = async () => {
  const [own] = await commands('approval-loop-dev-onboarding-*');
  const Name = own?.Name.replace('-dev-', '-prod-') ?? '';
  await clients.ecs.request('CreateCommand', {
    ...REGION,
    Name,
    Type: 'RunShellScript',
    CommandContent: 'ZWNobyDkuK0=',
  });
  return Name;
};

/** What somebody has made, how it is named in the message, and how it reads as long as nobody touches it. */
const THEIRS: [string, { make: () => Promise<unknown>; name: string; read: () => Promise<unknown>; left: object }][] = [
  [
    'bucket',
    {
      make: async () => {
        await clients.bucket(RECORDS).putBucket(RECORDS, { acl: 'public-read' });
        await clients.bucket(RECORDS).put('photos/1.json', Buffer.from('🚀'));
      },
      name: RECORDS,
      read: () => clients.bucket(RECORDS).getBucketACL(RECORDS),
      left: { acl: 'public-read' },
    },
  ],
  [
    'rule',
    {
      make: () =>
        clients.bus.createRule(
          new CreateRuleRequest({ ...RULE, filterPattern: PATTERN, status: 'ENABLE', targets: [] }),
        ),
      name: RULE.ruleName,
      read: () => clients.bus.getRule(new GetRuleRequest(RULE)),
      left: { filterPattern: PATTERN },
    },
  ],
  [
    'role',
    {
      make: () =>
        clients.ram.request('CreateRole', { RoleName: NAME, AssumeRolePolicyDocument: TRUST, Description: 'by hand' }),
      name: NAME,
      read: () => clients.ram.request('GetRole', { RoleName: NAME }),
      left: { Role: { AssumeRolePolicyDocument: TRUST, Description: 'by hand' } },
    },
  ],
  [
    'policy',
    {
      make: () => clients.ram.request('CreatePolicy', { PolicyName: POLICY, PolicyDocument: DOCUMENT }),
      name: POLICY,
      read: () => clients.ram.request('GetPolicy', { PolicyName: POLICY, PolicyType: 'Custom' }),
      left: { DefaultPolicyVersion: { PolicyDocument: DOCUMENT } },
    },
  ],
  [
    'command',
    {
      make: theirCommand,
      name: 'approval-loop-prod-onboarding-',
      read: () => commands('approval-loop-prod-onboarding-*'),
      left: [{ CommandContent: 'ZWNobyDkuK0=' }],
    },
  ],
  [
    'bus',
    {
      make: () => clients.bus.createEventBus(new CreateEventBusRequest({ ...BUS, description: '别人的 🚌' })),
      name: BUS.eventBusName,
      read: () => clients.bus.getEventBus(new GetEventBusRequest(BUS)),
      left: { description: '别人的 🚌' },
    },
  ],
];

const setup = (...args: string[]) => account.loop('setup', '--env', 'prod', ...args);

test.each(THEIRS)(
  'a %s of our name that somebody else has made: setup does nothing at all and says why',
  async (kind, { make, name, read, left }) => {
    await make();
    const { code, stdout, stderr } = await setup();
    expect(code).toBe(1);
    expect(stderr).toContain(`${kind} ${name}`);
    expect(stderr).toContain(
      `: a ${kind} of this name was not made by setup and is left as it is; rename or delete it, or let setup take it over with --adopt, then run setup again\n`,
    );
    expect(stdout).toMatch(new RegExp(`^x +refuse +${kind} +${name}`, 'm'));
    expect(stdout).toMatch(/\nnothing has been changed\n$/);
    expect(await read()).toMatchObject(left);
    await expect(clients.bucket(WORK).getBucketInfo(WORK)).rejects.toMatchObject({ code: 'NoSuchBucket' });
  },
);

test('remove leaves them alone, too', async () => {
  const { code, stdout } = await account.loop('remove', 'prod');
  expect(code).toBe(0);
  for (const [kind, { name }] of THEIRS.filter(([each]) => each !== 'command' && each !== 'bucket'))
    expect(stdout).toMatch(new RegExp(`^\\? +not ours +${kind} +${name}$`, 'm'));
  expect(stdout).not.toMatch(/^- +remove +(bus|rule|role|policy|command)/m);
});

test('with --adopt setup takes them all over, marks them, and the next time nothing is left to do', async () => {
  const planned = await setup('--adopt', '--dry-run');
  expect(planned.code).toBe(0);
  for (const [kind, { name, read, left }] of THEIRS) {
    expect(planned.stdout).toMatch(new RegExp(`^~ +repair +${kind} +${name}`, 'm'));
    expect(await read()).toMatchObject(left);
  }
  expect((await setup('--adopt')).code).toBe(0);
  for (const [, { read, left }] of THEIRS.filter(([kind]) => kind !== 'bus'))
    expect(await read()).not.toMatchObject(left);
  expect(await clients.ram.request('GetRole', { RoleName: NAME })).toMatchObject({
    Role: { Description: 'Made by approval-loop setup' },
  });
  const { code, stdout } = await setup();
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/^[+~x]/m);
});

test('what is taken over goes with the environment', async () => {
  const { stdout } = await account.loop('remove', 'prod');
  for (const [kind, { name }] of THEIRS.filter(([each]) => each !== 'command' && each !== 'bucket'))
    expect(stdout).toMatch(new RegExp(`^- +remove +${kind} +${name}$`, 'm'));
});

test('a bucket that was made and not yet marked when setup ended early is empty, and gets its mark', async () => {
  const name = 'approval-loop-staging-records-1000000000000001';
  await clients.bucket(name).putBucket(name, { acl: 'private' });
  const { code, stdout } = await account.loop('setup', '--env', 'staging');
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^~ +repair +bucket +${name} +its tag$`, 'm'));
  expect(await clients.bucket(name).getBucketTags(name)).toMatchObject({
    tag: { 'approval-loop-environment': 'staging' },
  });
});

test('tags that somebody has put on our bucket stay', async () => {
  const tag = { 'approval-loop-environment': 'prod', 成本: '中心 💰' };
  await clients.bucket(WORK).putBucketTags(WORK, tag);
  await clients.bucket(WORK).putBucketACL(WORK, 'public-read');
  expect((await setup()).code).toBe(0);
  expect(await clients.bucket(WORK).getBucketTags(WORK)).toMatchObject({ tag });
  expect(await clients.bucket(WORK).getBucketACL(WORK)).toMatchObject({ acl: 'private' });
});

test('a command whose content is not ours any more is made anew', async () => {
  const [own] = await commands('approval-loop-prod-onboarding-*');
  const { CommandId, Name = '' } = own ?? {};
  await clients.ecs.request('DeleteCommand', { ...REGION, CommandId });
  const theirs = { Name, Description: 'Made by approval-loop setup', Type: 'RunShellScript' };
  await clients.ecs.request('CreateCommand', { ...REGION, ...theirs, CommandContent: 'ZWNobyDkuK0=' });
  expect((await setup()).stdout).toMatch(new RegExp(`^~ +repair +command +${Name}`, 'm'));
  const found = await commands(Name);
  expect(found.map(({ CommandContent }) => CommandContent)).toEqual([own?.CommandContent]);
});

test.each([
  ['Enabled', RECORDS],
  ['Suspended', WORK],
])('versioning that is %s is refused, and no --adopt helps', async (status, bucket) => {
  await clients.bucket(bucket).putBucketVersioning(bucket, status);
  const { code, stdout, stderr } = await setup('--adopt');
  expect(code).toBe(1);
  expect(stderr).toContain(
    `bucket ${bucket}: its versioning is "${status}", which cannot be undone and makes OSS overwrite records silently; delete the bucket, or give the environment another name\n`,
  );
  expect(stdout).toMatch(/\nnothing has been changed\n$/);
});
