import { functionPolicy, type PolicyInput } from '../../../setup/roles/function-policies.ts';
import { FUNCTION_TRUST } from '../../../setup/roles/policy.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';

const onboarding = {
  title: 'New hire',
  on: { dingtalk: { process_code: 'PROC-1' } },
  parameters: { emp_id: { field: 'TextField-1', pattern: 'E[0-9]{3}', max_length: 4 } },
  run: { command: 'onboarding', instances: ['i-1'] },
  chat: { dingtalk: 'it-ops' },
};
const chats = { 'it-ops': { dingtalk: { robot: { access_token: 'token', secret: 'secret' } } } };
const withPath = { script: 'scripts/provision.sh', path: '/opt/provision.sh', arguments: ['{{emp_id}}'] };
const withoutPath = { script: 'scripts/allocate.sh', arguments: ['{{emp_id}}'] };

const inputOf = (command: object, run = {}, more = {}): PolicyInput => ({
  environmentName: 'prod',
  region: 'cn-shanghai',
  accountId: '1234567890123456',
  workflows: loadWorkflows({
    chats,
    commands: { onboarding: command },
    workflows: { onboarding: { ...onboarding, run: { ...onboarding.run, ...run }, ...more } },
  }),
  commandIds: ['c-1', 'c-2'],
  secrets: { ingest: [], dispatch: [], notify: [] },
});
const input = inputOf(withPath);
const statementsWith = (policy: ReturnType<typeof functionPolicy>, action: string) =>
  policy.Statement.filter(({ Action }) => Action.includes(action));
const actionsOf = (policy: ReturnType<typeof functionPolicy>, product: string) =>
  policy.Statement.flatMap(({ Action }) => Action.filter((action) => action.startsWith(`${product}:`)));

test('only Function Compute may take on the roles', () => {
  expect(FUNCTION_TRUST).toEqual({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
  });
});

test('ingest keeps the journal, publishes, and may do nothing on ECS', () => {
  expect(functionPolicy('ingest', input)).toEqual({
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['oss:ListObjects'],
        Resource: [
          'acs:oss:*:1234567890123456:approval-loop-prod-records-1234567890123456',
          'acs:oss:*:1234567890123456:approval-loop-prod-work-1234567890123456',
        ],
      },
      {
        Effect: 'Allow',
        Action: ['oss:GetObject'],
        Resource: [
          'acs:oss:*:1234567890123456:approval-loop-prod-records-1234567890123456/accepted/*',
          'acs:oss:*:1234567890123456:approval-loop-prod-records-1234567890123456/records/*',
        ],
      },
      {
        Effect: 'Allow',
        Action: ['oss:PutObject'],
        Resource: [
          'acs:oss:*:1234567890123456:approval-loop-prod-records-1234567890123456/accepted/*',
          'acs:oss:*:1234567890123456:approval-loop-prod-records-1234567890123456/records/*',
        ],
      },
      {
        Effect: 'Allow',
        Action: ['oss:PutObject', 'oss:GetObject', 'oss:DeleteObject'],
        Resource: ['acs:oss:*:1234567890123456:approval-loop-prod-work-1234567890123456/*'],
      },
      {
        Effect: 'Allow',
        Action: ['eventbridge:PutEvents'],
        Resource: ['acs:eventbridge:cn-shanghai:1234567890123456:eventbus/approval-loop-prod'],
      },
      {
        Effect: 'Allow',
        Action: ['log:PostLogStoreLogs'],
        Resource: [
          'acs:log:cn-shanghai:1234567890123456:project/serverless-cn-shanghai-deed2a88-e73d-5caa-b0a9-e6e296f62be2/logstore/*',
        ],
      },
    ],
  });
});

test.each(['dispatch', 'notify'] as const)('%s may create later records and never the first one', (name) => {
  const puts = statementsWith(functionPolicy(name, input), 'oss:PutObject').flatMap(({ Resource }) => Resource);
  expect(puts).toEqual([
    'acs:oss:*:1234567890123456:approval-loop-prod-records-1234567890123456/records/*',
    'acs:oss:*:1234567890123456:approval-loop-prod-work-1234567890123456/*',
  ]);
});

test.each(['ingest', 'dispatch', 'notify'] as const)('%s may delete work and never a record', (name) => {
  const deletes = statementsWith(functionPolicy(name, input), 'oss:DeleteObject').flatMap(({ Resource }) => Resource);
  expect(deletes).toEqual(['acs:oss:*:1234567890123456:approval-loop-prod-work-1234567890123456/*']);
});

test('dispatch may invoke the commands of the environment, on instances with its tag', () => {
  expect(statementsWith(functionPolicy('dispatch', input), 'ecs:InvokeCommand')).toEqual([
    {
      Effect: 'Allow',
      Action: ['ecs:InvokeCommand'],
      Resource: [
        'acs:ecs:cn-shanghai:1234567890123456:command/c-1',
        'acs:ecs:cn-shanghai:1234567890123456:command/c-2',
      ],
    },
    {
      Effect: 'Allow',
      Action: ['ecs:InvokeCommand'],
      Resource: ['acs:ecs:cn-shanghai:1234567890123456:instance/*'],
      Condition: { StringEquals: { 'acs:ResourceTag/approval-loop-environment': ['prod'] } },
    },
  ]);
});

test('dispatch may send a script only where a command has no path', () => {
  expect(actionsOf(functionPolicy('dispatch', input), 'ecs')).not.toContain('ecs:RunCommand');
  const sending = actionsOf(functionPolicy('dispatch', inputOf(withoutPath)), 'ecs');
  expect(sending).toContain('ecs:RunCommand');
  expect(sending).not.toContain('ecs:InvokeCommand');
});

test('dispatch may ask for agents only where a workflow waits for them, or is only observed', () => {
  expect(actionsOf(functionPolicy('dispatch', input), 'ecs')).not.toContain('ecs:DescribeCloudAssistantStatus');
  const waiting = functionPolicy('dispatch', inputOf(withPath, { offline: 'wait 2h' }));
  expect(actionsOf(waiting, 'ecs')).toContain('ecs:DescribeCloudAssistantStatus');
  const observing = functionPolicy('dispatch', inputOf(withPath, {}, { mode: 'observe' }));
  expect(actionsOf(observing, 'ecs')).toContain('ecs:DescribeCloudAssistantStatus');
});

test('dispatch may stop runs only where a workflow has that button, and on instances with its tag', () => {
  expect(actionsOf(functionPolicy('dispatch', input), 'ecs')).not.toContain('ecs:StopInvocation');
  const stopping = functionPolicy('dispatch', inputOf(withPath, {}, { buttons: { stop: ['requester'] } }));
  expect(statementsWith(stopping, 'ecs:StopInvocation')).toMatchObject([
    {
      Resource: ['acs:ecs:cn-shanghai:1234567890123456:instance/*'],
      Condition: { StringEquals: { 'acs:ResourceTag/approval-loop-environment': ['prod'] } },
    },
  ]);
});

test('without a command there is none that dispatch may invoke', () => {
  const policy = functionPolicy('dispatch', { ...input, commandIds: [] });
  const resources = statementsWith(policy, 'ecs:InvokeCommand').flatMap(({ Resource }) => Resource);
  expect(resources).toEqual(['acs:ecs:cn-shanghai:1234567890123456:instance/*']);
});

test('notify may look runs up and start none', () => {
  expect(actionsOf(functionPolicy('notify', input), 'ecs')).toEqual(['ecs:DescribeInvocations']);
});

test.each(['ingest', 'dispatch', 'notify'] as const)(
  'no action of %s is a wildcard, and no resource is everything',
  (name) => {
    for (const { Action, Resource } of functionPolicy(name, inputOf(withoutPath)).Statement) {
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      expect(Resource.filter((resource) => !resource.includes('1234567890123456'))).toEqual([]);
    }
  },
);

test('with as many commands as a policy may name it is no longer than RAM takes', () => {
  const commandIds = Array.from({ length: 40 }, (_, number) => `c-hz${String(number).padStart(17, '0')}`);
  const all = inputOf(withPath, { offline: 'wait 2h' }, { buttons: { stop: ['requester'] } });
  const both = { ...all, environmentName: 'a-long-name-of-1', commandIds };
  expect(JSON.stringify(functionPolicy('dispatch', both)).length).toBeLessThanOrEqual(6144);
});

test('each function may read the secrets of its own variables, and no function any other', () => {
  const secrets = {
    ingest: ['approval-loop-prod/A', 'approval-loop-prod/B'],
    dispatch: [],
    notify: ['approval-loop-prod/A'],
  };
  const of = (name: 'ingest' | 'dispatch' | 'notify') =>
    statementsWith(functionPolicy(name, { ...input, secrets }), 'kms:GetSecretValue');
  const arn = (name: string) => `acs:kms:cn-shanghai:1234567890123456:secret/approval-loop-prod/${name}`;
  expect(of('ingest')).toEqual([{ Effect: 'Allow', Action: ['kms:GetSecretValue'], Resource: [arn('A'), arn('B')] }]);
  expect(of('notify')).toEqual([{ Effect: 'Allow', Action: ['kms:GetSecretValue'], Resource: [arn('A')] }]);
  expect(of('dispatch')).toEqual([]);
  expect(actionsOf(functionPolicy('ingest', input), 'kms')).toEqual([]);
});
