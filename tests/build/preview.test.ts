import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const ROOT = resolve(__dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 's-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const previewSchema = z.object({
  resources: z.record(
    z.string(),
    z.object({
      component: z.string(),
      props: z.looseObject({
        functionName: z.string(),
        code: z.string(),
        region: z.string(),
        role: z.string(),
        environmentVariables: z.record(z.string(), z.string()),
        triggers: z.array(z.looseObject({ triggerName: z.string(), triggerType: z.string() })),
      }),
    }),
  ),
});

/** What Serverless Devs itself reads out of s.yaml, with these variables in the deploying shell and no others. */
function preview(variables: Record<string, string>) {
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync('node_modules/.bin/s', ['preview', '--output', 'json'], {
    cwd: ROOT,
    env: { PATH, HOME: home, ...variables },
    encoding: 'utf8',
    timeout: 50_000,
  });
  if (status !== 0) throw new Error(`s preview ended with ${status}: ${stderr}${stdout}`);
  return previewSchema.parse(JSON.parse(stdout.slice(stdout.indexOf('{')))).resources;
}

test('s preview shows the three functions of the environment that the shell names', () => {
  const resources = preview({
    LOOP_ENVIRONMENT: 'staging',
    ALIYUN_REGION: 'cn-shanghai',
    ALIYUN_ACCOUNT_ID: '1234567890123456',
    DINGTALK_CORP_ID: 'dingcorp',
  });
  const shown = Object.entries(resources).map(([name, { component, props }]) => [
    name,
    component,
    props.functionName,
    props.code,
    props.region,
    props.role,
    props.triggers.map(({ triggerName, triggerType }) => `${triggerName} ${triggerType}`),
    Object.keys(props.environmentVariables),
  ]);
  const common = ['LOOP_ENVIRONMENT', 'LOG_LEVEL'];
  const role = (name: string) => `acs:ram::1234567890123456:role/approval-loop-staging-${name}`;
  expect(shown).toEqual([
    [
      'ingest',
      'fc3@0.1.22',
      'approval-loop-staging-ingest',
      './dist/environments/staging/ingest',
      'cn-shanghai',
      role('ingest'),
      ['callback http', 'sweep timer'],
      [
        ...common,
        'DINGTALK_CORP_ID',
        'DINGTALK_APP_KEY',
        'DINGTALK_APP_SECRET',
        'DINGTALK_START_APP_KEY',
        'DINGTALK_START_APP_SECRET',
        'DINGTALK_CALLBACK_TOKEN',
        'DINGTALK_CALLBACK_AES_KEY',
        'DINGTALK_CARD_SECRET',
        'LARK_APP_ID',
        'LARK_APP_SECRET',
        'LARK_START_APP_ID',
        'LARK_START_APP_SECRET',
        'LARK_VERIFICATION_TOKEN',
        'LARK_ENCRYPT_KEY',
        'LARK_TENANT_KEY',
        'LARK_DOMAIN',
        'DINGTALK_ONBOARDING_PROCESS_CODE',
        'DINGTALK_RESOURCE_PROCESS_CODE',
        'LARK_ONBOARDING_APPROVAL_CODE',
        'LARK_IT_OPS_CHAT_ID',
        'LARK_RESOURCE_APPROVAL_CODE',
      ],
    ],
    [
      'dispatch',
      'fc3@0.1.22',
      'approval-loop-staging-dispatch',
      './dist/environments/staging/dispatch',
      'cn-shanghai',
      role('dispatch'),
      ['sweep timer'],
      [...common, 'ECS_INSTANCE_IDS', 'ECS_BUILD_INSTANCE_IDS'],
    ],
    [
      'notify',
      'fc3@0.1.22',
      'approval-loop-staging-notify',
      './dist/environments/staging/notify',
      'cn-shanghai',
      role('notify'),
      ['sweep timer'],
      [
        ...common,
        'DINGTALK_CORP_ID',
        'DINGTALK_APP_KEY',
        'DINGTALK_APP_SECRET',
        'DINGTALK_CARD_ROUTE',
        'DINGTALK_ROBOT_ACCESS_TOKEN',
        'DINGTALK_ROBOT_SECRET',
        'LARK_APP_ID',
        'LARK_APP_SECRET',
        'LARK_DOMAIN',
        'LARK_IT_OPS_CHAT_ID',
      ],
    ],
  ]);
});

test('in a shell without any of its variables s preview still works, and what is missing shows as not-set', () => {
  const { ingest, notify } = preview({});
  expect(ingest?.props.functionName).toBe('approval-loop-dev-ingest');
  expect(ingest?.props.environmentVariables['DINGTALK_APP_SECRET']).toBe('not-set');
  expect(notify?.props.environmentVariables['DINGTALK_ROBOT_SECRET']).toBe('not-set');
});
