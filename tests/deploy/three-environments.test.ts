import * as eb from '@alicloud/eventbridge';
import { z } from 'zod';
import { type Inventory, listKeys, ofStage, takeInventory } from './inventory.ts';
import { type Account, STAGES, type StageName, startAccount } from './start-account.ts';

jest.setTimeout(180_000);

/** Tests here are the life of one account, in order. */
let account: Account;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());

const REGION = { RegionId: 'cn-hangzhou' };
const requests: Record<StageName, string> = { dev: '', staging: '', prod: '' };
/** One employee for each, so that an account on the wrong instance shows. */
const EMPLOYEES: Record<StageName, string> = { dev: 'E10001', staging: 'E10002', prod: 'E10003' };

async function approveAndWait(stage: StageName, employee: string): Promise<string> {
  const request = await account.stages[stage].approve(employee);
  await account.closed(request);
  return request;
}

describe('a deploy of each environment', () => {
  test.each(STAGES)('makes all of %s, and nothing of another one', async (stage) => {
    const before = await takeInventory(account);
    const { code, stdout, stderr } = await account.stages[stage].loop('deploy', stage);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`\n${stage} is deployed; before: created \\d+`));
    const after = await takeInventory(account);
    expect(after).toMatchObject(before);
    const made = Object.keys(after).filter((name) => !(name in before));
    expect(made).toEqual(Object.keys(ofStage(after, stage)));
    expect(made).toEqual(
      expect.arrayContaining([`function approval-loop-${stage}-ingest`, `rule approval-loop-${stage}-completed`]),
    );
    await account.stages[stage].subscribe();
  });

  test('makes functions as s.yaml and env.yaml have them', async () => {
    const inventory = await takeInventory(account);
    expect(inventory['function approval-loop-prod-ingest']).toMatchObject({
      function: {
        description: 'Made by approval-loop: receives approval callbacks and accepts requests',
        runtime: 'nodejs20',
        handler: 'index.handler',
        cpu: 0.5,
        memorySize: 1024,
        diskSize: 512,
        timeout: 60,
        internetAccess: true,
        role: 'acs:ram::1000000000000001:role/approval-loop-prod-ingest',
        logConfig: { project: expect.stringMatching(/./), logstore: expect.stringMatching(/./) },
        environmentVariables: {
          LOOP_ENVIRONMENT: 'prod',
          LOG_LEVEL: 'info',
          // Its shell has no secret of a platform: they are in KMS.
          DINGTALK_APP_SECRET: 'kms:approval-loop-prod/DINGTALK_APP_SECRET',
          DINGTALK_CALLBACK_AES_KEY: 'kms:approval-loop-prod/DINGTALK_CALLBACK_AES_KEY',
        },
        tags: [{ key: 'stage', value: 'prod' }],
      },
      triggers: [
        { triggerName: 'callback', triggerType: 'http' },
        {
          triggerName: 'sweep',
          triggerType: 'timer',
          triggerConfig: '{"cronExpression":"@every 1m","payload":"sweep","enable":true}',
        },
      ],
      async: { maxAsyncRetryAttempts: 2, maxAsyncEventAgeInSeconds: 3600 },
      scaling: { minInstances: 1 },
    });
    expect(inventory['function approval-loop-dev-ingest']).toMatchObject({
      function: { cpu: 0.35, memorySize: 512, environmentVariables: { LOOP_ENVIRONMENT: 'dev', LOG_LEVEL: 'debug' } },
    });
    expect(inventory['function approval-loop-dev-ingest']).not.toHaveProperty('scaling');
  });

  test('a second time changes nothing but the code that it sends again', async () => {
    const before = await takeInventory(account);
    const { code, stdout } = await account.stages.prod.loop('deploy', 'prod');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^> +send +function +approval-loop-prod-ingest$/m);
    expect(stdout).not.toMatch(/^[+~x]/m);
    expect(withoutTimes(await takeInventory(account))).toEqual(withoutTimes(before));
  });

  test.each(STAGES)('ships the code of %s and no other, says doctor', async (stage) => {
    const { stdout } = await account.stages[stage].loop('doctor', '--env', stage);
    expect(stdout.split('\n').filter((line) => / code\b/.test(line))).toEqual([
      '✓ code: the functions run the build of this folder',
    ]);
  });
});

/** Functions carry the time at which they were sent last. */
function withoutTimes(inventory: Inventory): unknown {
  return JSON.parse(JSON.stringify(inventory, (key, value) => (key === 'lastModifiedTime' ? undefined : value)));
}

const runsSchema = z.object({
  Invocations: z.object({
    Invocation: z.array(
      z.object({
        CommandName: z.string(),
        Tags: z.object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string() })) }),
        InvokeInstances: z.object({ InvokeInstance: z.array(z.object({ InstanceId: z.string() })) }),
      }),
    ),
  }),
});

describe('an approval in each environment at once', () => {
  beforeAll(async () => {
    for (const stage of STAGES) requests[stage] = await account.stages[stage].approve(EMPLOYEES[stage]);
    await Promise.all(STAGES.map((stage) => account.closed(requests[stage])));
  });

  test.each(STAGES)('%s has its own request in its buckets, and no other', async (stage) => {
    const { recordsBucket, workBucket } = account.stages[stage].names;
    const records = await listKeys(account.clients.bucket(recordsBucket));
    expect(records.filter((key) => key.startsWith('accepted/'))).toEqual([`accepted/${requests[stage]}.json`]);
    const keys = [...records, ...(await listKeys(account.clients.bucket(workBucket)))];
    for (const other of STAGES.filter((each) => each !== stage)) expect(keys.join()).not.toContain(requests[other]);
  });

  test.each(STAGES)('%s runs its own command, on its own instance alone', async (stage) => {
    const { instance, instanceId } = account.stages[stage];
    const filter = { ...REGION, 'Tag.1.Key': 'approval-loop-request', 'Tag.1.Value': requests[stage] };
    const { Invocations } = runsSchema.parse(await account.clients.ecs.request('DescribeInvocations', filter));
    expect(
      Invocations.Invocation.map(({ CommandName, InvokeInstances }) => ({
        command: CommandName.replace(/[0-9a-f]{12}$/, ''),
        instances: InvokeInstances.InvokeInstance.map(({ InstanceId }) => InstanceId),
      })),
    ).toEqual([{ command: `approval-loop-${stage}-onboarding-`, instances: [instanceId] }]);
    const passwd = (await instance.readFile('/etc/passwd'))?.toString() ?? '';
    expect(STAGES.filter((each) => passwd.includes(EMPLOYEES[each].toLowerCase()))).toEqual([stage]);
  });

  test.each(STAGES)('%s tells its own group, and no other group hears of it', (stage) => {
    const heard = STAGES.filter((each) =>
      account.stages[each].platforms.dingtalk.messages().some(({ text }) => text.includes(requests[stage])),
    );
    expect(heard).toEqual([stage]);
  });

  test.each<[StageName, string]>([
    ['dev', '新员工入职'],
    ['staging', '新员工入职'],
    ['prod', '生产环境入职 🎉'],
  ])('%s runs and speaks by the workflows that it has: "%s"', async (stage, title) => {
    const texts = account.stages[stage].platforms.dingtalk.messages().map(({ text }) => text);
    const titles = ['新员工入职', '生产环境入职 🎉'].filter((each) => texts.some((text) => text.includes(each)));
    expect(titles).toEqual([title]);
  });

  test('the rules of an environment match its events alone, those of the bus that all share included', () => {
    const { matches } = account;
    expect(matches.length).toBeGreaterThanOrEqual(3 * STAGES.length);
    for (const { fields } of matches) {
      const stage = STAGES.find((each) => `${fields['rule']}`.startsWith(`approval-loop-${each}-`));
      const owner = STAGES.find((each) => fields['request_id'] === requests[each]);
      if (owner !== undefined) expect(stage).toBe(owner);
      if (fields['bus'] !== 'default') expect(fields['bus']).toBe(`approval-loop-${stage}`);
    }
    const completed = matches.filter(({ fields }) => fields['bus'] === 'default').map(({ fields }) => fields['rule']);
    expect(completed.sort()).toEqual(STAGES.map((stage) => `approval-loop-${stage}-completed`).sort());
  });
});

describe('what somebody has changed by hand', () => {
  const names = 'approval-loop-staging';
  const bus = { eventBusName: names };
  const records = `${names}-records-1000000000000001`;
  const everything = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
  const commandSchema = z.object({
    Commands: z.object({ Command: z.array(z.object({ CommandId: z.string(), Name: z.string() })) }),
  });
  let before: Inventory;
  let command = '';

  beforeAll(async () => {
    const { clients } = account;
    before = await takeInventory(account);
    await clients.bus.deleteRule(new eb.DeleteRuleRequest({ ...bus, ruleName: `${names}-request` }));
    const progress = { ...bus, ruleName: `${names}-progress` };
    await clients.bus.deleteTargets(new eb.DeleteTargetsRequest({ ...progress, targetIds: ['notify'] }));
    const elsewhere = new eb.TargetEntry({
      id: 'notify',
      type: 'acs.fc.function',
      endpoint: 'acs:fc:cn-hangzhou:1000000000000001:functions/approval-loop-dev-notify',
      paramList: [new eb.EBTargetParam({ resourceKey: 'Body', form: 'ORIGINAL', value: '' })],
    });
    await clients.bus.createTargets(new eb.CreateTargetsRequest({ ...progress, targets: [elsewhere] }));
    const wide = { PolicyName: `${names}-notify`, PolicyDocument: everything, SetAsDefault: 'true' };
    await clients.ram.request('CreatePolicyVersion', wide);
    await clients.bucket(records).putBucketACL(records, 'public-read');
    const listed = await clients.ecs.request('DescribeCommands', { ...REGION, Name: `${names}-onboarding-*` });
    const [first] = commandSchema.parse(listed).Commands.Command;
    command = first?.Name ?? '';
    await clients.ecs.request('DeleteCommand', { ...REGION, CommandId: first?.CommandId });
    const forged = { Name: command, Description: 'Made by approval-loop setup', Type: 'RunShellScript' };
    await clients.ecs.request('CreateCommand', { ...REGION, ...forged, CommandContent: 'cm0gLXJmIC8=' });
  });

  const drift = () => [
    new RegExp(`^\\+ +create +rule +${names}-request$`, 'm'),
    new RegExp(`^~ +repair +target +${names}-progress → notify$`, 'm'),
    new RegExp(`^~ +repair +policy +${names}-notify +what it allows$`, 'm'),
    new RegExp(`^~ +repair +command +${command} `, 'm'),
    new RegExp(`^~ +repair +bucket +${records} +it was public-read and is private$`, 'm'),
  ];

  test('setup --dry-run shows it, and changes nothing', async () => {
    const drifted = await takeInventory(account);
    const { code, stdout } = await account.stages.staging.loop('setup', '--env', 'staging', '--dry-run');
    expect(code).toBe(0);
    for (const line of drift()) expect(stdout).toMatch(line);
    expect(await takeInventory(account)).toEqual(drifted);
  });

  test('setup repairs it, a second time finds nothing, and all is as it was before', async () => {
    const first = await account.stages.staging.loop('setup', '--env', 'staging');
    expect(first.code).toBe(0);
    for (const line of drift()) expect(first.stdout).toMatch(line);
    const repaired = await takeInventory(account);
    const second = await account.stages.staging.loop('setup', '--env', 'staging');
    expect(second.stdout).not.toMatch(/^[+~x]/m);
    expect(await takeInventory(account)).toEqual(repaired);
    expect(Object.keys(repaired).sort()).toEqual(Object.keys(before).sort());
    for (const other of ['dev', 'prod']) expect(ofStage(repaired, other)).toEqual(ofStage(before, other));
  });

  test('an approval runs through again', async () => {
    const request = await approveAndWait('staging', 'E10005');
    const { instance, platforms } = account.stages.staging;
    expect((await instance.readFile('/etc/passwd'))?.toString()).toContain('e10005');
    expect(platforms.dingtalk.messages().some(({ text }) => text.includes(request))).toBe(true);
  });

  test('versioning, which cannot be taken back, ends setup before it does anything', async () => {
    const work = 'approval-loop-prod-work-1000000000000001';
    await account.clients.bucket(work).putBucketVersioning(work, 'Enabled');
    const changed = await takeInventory(account);
    const { code, stderr } = await account.stages.prod.loop('setup', '--env', 'prod');
    expect(code).toBe(1);
    expect(stderr).toContain(`bucket ${work}: its versioning is "Enabled", which cannot be undone`);
    expect(await takeInventory(account)).toEqual(changed);
  });
});

describe('the removal of staging', () => {
  let before: Inventory;
  beforeAll(async () => {
    before = await takeInventory(account);
  });

  test('shows first what would go, and touches nothing', async () => {
    const { code, stdout } = await account.stages.staging.loop('remove', 'staging');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^- +remove +function +approval-loop-staging-ingest$/m);
    expect(stdout).toMatch(/\nnothing has been removed; "remove staging --yes" does it\n$/);
    expect(await takeInventory(account)).toEqual(before);
  });

  test('leaves both buckets with every record, and nothing else of it; of the others it takes nothing', async () => {
    const { code, stdout } = await account.stages.staging.loop('remove', 'staging', '--yes');
    expect(code).toBe(0);
    const { recordsBucket, workBucket } = account.stages.staging.names;
    expect(stdout).toMatch(new RegExp(`\nit leaves bucket ${recordsBucket}, bucket ${workBucket}\n$`));
    const after = await takeInventory(account);
    const kept = [`bucket ${recordsBucket}`, `bucket ${workBucket}`];
    expect(Object.keys(ofStage(after, 'staging')).sort()).toEqual(kept);
    expect(after[`bucket ${recordsBucket}`]).toEqual(before[`bucket ${recordsBucket}`]);
    for (const other of ['dev', 'prod']) expect(ofStage(after, other)).toEqual(ofStage(before, other));
  });

  test('dev goes on meanwhile', async () => {
    await approveAndWait('dev', 'E10006');
    expect((await account.stages.dev.instance.readFile('/etc/passwd'))?.toString()).toContain('e10006');
  });

  test('a deploy brings it back, on the records that it had', async () => {
    const { code } = await account.stages.staging.loop('deploy', 'staging');
    expect(code).toBe(0);
    await account.stages.staging.subscribe();
    await approveAndWait('staging', 'E10007');
    const records = await listKeys(account.clients.bucket(account.stages.staging.names.recordsBucket));
    expect(records.filter((key) => key.startsWith('accepted/'))).toHaveLength(3);
  });
});
