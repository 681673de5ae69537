import { parse } from 'yaml';
import { checkSYaml } from '../../../setup/s-yaml/check-s-yaml.ts';
import { SAMPLE, WORKFLOWS } from './sample.ts';

/** What is said about the sample with one text in it, which must be there, replaced by another. */
function faultsWith(old: string, text: string, variables: Record<string, string> = {}): string[] {
  expect(SAMPLE).toContain(old);
  const findings = checkSYaml({ file: parse(SAMPLE.replace(old, () => text)), workflows: WORKFLOWS, variables });
  return findings.map(({ message }) => message);
}

test('nothing is said about a file without faults', () => {
  expect(checkSYaml({ file: parse(SAMPLE), workflows: WORKFLOWS, variables: {} })).toEqual([]);
});

const T = 'template.function';
const I = 'resources.ingest.props';
const SILENT = 'which the tool would pass over in silence';

/** What is replaced, by what that is wrong, by what that is right, and what is said. */
const RULES: [string, string, string, string, string][] = [
  ['the edition', 'edition: 3.0.0', 'edition: 1.0.0', 'edition: 3.0.0', 'edition: "1.0.0" must be 3.0.0'],
  ['an unknown key', 'access: default', 'acces: default', 'access: prod', 'access: is missing; it must be a text'],
  [
    'the component’s version',
    'fc3@0.1.22',
    'fc3',
    'fc3@0.1.21',
    'resources.ingest.component: "fc3" must be fc3 with its version, such as fc3@0.1.22',
  ],
  [
    'a template that is not there',
    'extend: { name: function }',
    'extend: { name: functon }',
    'extend: { name: function, ignore: [tags] }',
    'resources.ingest.extend.name: there is no template functon; there are function',
  ],
  ['the runtime', 'nodejs20', 'nodejs22', 'nodejs20', `${T}.runtime: "nodejs22" must be nodejs20`],
  ['the vCPUs', 'cpu: 0.35', 'cpu: 0.33', 'cpu: 0.5', `${T}.cpu: 0.33 must be a multiple of 0.05 from 0.05 to 16`],
  [
    'the memory',
    'memorySize: 512',
    'memorySize: 500',
    'memorySize: 576',
    `${T}.memorySize: 500 must be a multiple of 64 from 128 to 32768`,
  ],
  [
    'memory for the vCPUs',
    'memorySize: 512',
    'memorySize: 320',
    'memorySize: 384',
    `${T}.memorySize: 320 MB do not fit 0.35 vCPU, which go with 1 to 4 GB each: 384 to 1408 MB`,
  ],
  [
    'memory above the vCPUs',
    'memorySize: 512',
    'memorySize: 1472',
    'memorySize: 1408',
    `${T}.memorySize: 1472 MB do not fit 0.35 vCPU, which go with 1 to 4 GB each: 384 to 1408 MB`,
  ],
  [
    'the mark by which a deploy knows its own',
    "description: 'Made by approval-loop: a function'",
    'description: 收 callbacks 📮',
    "description: 'Made by approval-loop: 收 callbacks 📮'",
    `${T}.description: "收 callbacks 📮" must be a text of at most 256 characters that begins "Made by approval-loop: ", by which a deploy knows its own functions`,
  ],
  ['the disk', 'diskSize: 512', 'diskSize: 1024', 'diskSize: 10240', `${T}.diskSize: 1024 must be 512 or 10240`],
  [
    'the time-out',
    'timeout: 60',
    'timeout: 59',
    'timeout: 120',
    `${T}.timeout: 59 must be a whole number from 60 to 86400`,
  ],
  [
    'a number in quotes',
    'timeout: 60',
    "timeout: '60'",
    'timeout: 60',
    `${T}.timeout: "60" must be a whole number from 60 to 86400`,
  ],
  ['the handler', 'index.handler', 'index.main', 'index.handler', `${T}.handler: "index.main" must be index.handler`],
  [
    'no logs',
    'logConfig: auto',
    'logConfig: off',
    'logConfig: { project: p, logstore: l }',
    `${T}.logConfig: must be auto`,
  ],
  [
    'the role',
    'role/loop',
    'role/Loop',
    'role/loop-dev',
    `${T}.role: "acs:ram::1234567890123456:role/Loop" must be acs:ram::<account of 16 digits>:role/<name in lower case>`,
  ],
  [
    'tries of asynchronous calls',
    'maxAsyncRetryAttempts: 2',
    'maxAsyncRetryAttempts: 9',
    'maxAsyncRetryAttempts: 0',
    `${T}.asyncInvokeConfig.maxAsyncRetryAttempts: 9 must be a whole number from 0 to 8`,
  ],
  [
    'the age of asynchronous calls',
    ', maxAsyncEventAgeInSeconds: 3600',
    '',
    ', maxAsyncEventAgeInSeconds: 604800',
    `${T}.asyncInvokeConfig.maxAsyncEventAgeInSeconds: is missing; it must be a whole number from 1 to 604800`,
  ],
  [
    'the characters of a function’s name',
    `functionName: approval-loop-\${vars.environment}-ingest`,
    'functionName: approval.loop',
    'functionName: approval-loop-dev-ingest',
    `${I}.functionName: "approval.loop" must be 1 to 64 of A-Z, a-z, 0-9, _ and -, not beginning with a digit or -`,
  ],
  [
    'a name that nobody calls',
    `functionName: approval-loop-\${vars.environment}-ingest`,
    'functionName: approval-loop-dev-receive',
    'functionName: approval-loop-dev-ingest',
    `${I}.functionName: "approval-loop-dev-receive" is not found by the rules of setup, which call "approval-loop-dev-ingest"`,
  ],
  [
    'the code of another function',
    `code: ./dist/environments/\${vars.environment}/ingest`,
    `code: ./dist/environments/\${vars.environment}/notify`,
    'code: ./dist/environments/dev/ingest',
    `${I}.code: "./dist/environments/dev/notify" is not of ingest in dev; it must be ./dist/environments/\${vars.environment}/ingest`,
  ],
  [
    'the code of another environment',
    `code: ./dist/environments/\${vars.environment}/dispatch`,
    'code: ./dist/environments/prod/dispatch',
    'code: ./dist/environments/dev/dispatch',
    `resources.dispatch.props.code: "./dist/environments/prod/dispatch" is not of dispatch in dev; it must be ./dist/environments/\${vars.environment}/dispatch`,
  ],
  [
    'code that the build does not make',
    `code: ./dist/environments/\${vars.environment}/notify`,
    'code: ./dist/notify',
    'code: ./dist/environments/dev/notify',
    `resources.notify.props.code: "./dist/notify" must be ./dist/environments/<environment>/<function>, which the build makes`,
  ],
  [
    'concurrency, which a built-in runtime has not',
    'timeout: 60',
    'timeout: 60\n    instanceConcurrency: 10',
    'timeout: 60\n    concurrencyConfig: { reservedConcurrency: 5 }',
    `${T}: has the unknown key instanceConcurrency, ${SILENT}`,
  ],
  [
    'a variable of a reserved name',
    `LOOP_ENVIRONMENT: \${vars.environment}`,
    `LOOP_ENVIRONMENT: \${vars.environment}\n      FC_REGION: x`,
    `LOOP_ENVIRONMENT: \${vars.environment}\n      TZ: UTC`,
    `${T}.environmentVariables.FC_REGION: must begin with a letter, not with FC_, and hold only A-Z, a-z, 0-9 and _`,
  ],
  [
    'a variable that is a number',
    `LOOP_ENVIRONMENT: \${vars.environment}`,
    `LOOP_ENVIRONMENT: \${vars.environment}\n      CLOCK_SPEED: 2`,
    `LOOP_ENVIRONMENT: \${vars.environment}\n      CLOCK_SPEED: '2'`,
    `${T}.environmentVariables.CLOCK_SPEED: is a number and must be a text; put it in quotes`,
  ],
  [
    'a variable of workflows.yaml that is missing',
    `INSTANCE_IDS: "\${env('INSTANCE_IDS', 'not-set')}"`,
    '',
    `INSTANCE_IDS: "\${env('OTHER', 'not-set')}"`,
    `resources.dispatch.props.environmentVariables: dispatch needs INSTANCE_IDS; add \${env('INSTANCE_IDS', 'not-set')}`,
  ],
  [
    'an expression that is not ours',
    `\${vars.environment}-notify`,
    `\${config('AccountID')}-notify`,
    `\${vars.environment}-notify`,
    `resources.notify.props.functionName: \${config('AccountID')} is no form that the embedded cloud fills in too: \${env('NAME', 'default')} and \${vars.name}`,
  ],
  [
    'env without a default',
    `\${env('ALIYUN_REGION', 'cn-hangzhou')}`,
    `\${env('ALIYUN_REGION')}`,
    `\${env('ALIYUN_REGION', 'cn-beijing')}`,
    `vars.region: \${env('ALIYUN_REGION')} has no default, without which even "s preview" fails; write \${env('ALIYUN_REGION', 'not-set')}`,
  ],
  [
    'a var that is not there',
    `\${vars.region}`,
    `\${vars.regoin}`,
    'cn-shanghai',
    `${T}.region: there is no regoin in vars; there are region, environment`,
  ],
  [
    'a secret in the file',
    `\${env('DINGTALK_APP_SECRET', 'not-set')}`,
    'hunter2hunter2',
    `\${env('DINGTALK_APP_SECRET', '')}`,
    `${I}.environmentVariables.DINGTALK_APP_SECRET: a secret stands in the file; revoke it, and write \${env('DINGTALK_APP_SECRET', 'not-set')}`,
  ],
  [
    'a secret that is no name of one in KMS',
    `\${env('DINGTALK_APP_SECRET', 'not-set')}`,
    'kms:密码 hunter2 🙂',
    'kms:approval-loop-prod/DINGTALK_APP_SECRET',
    `${I}.environmentVariables.DINGTALK_APP_SECRET: a secret stands in the file; revoke it, and write \${env('DINGTALK_APP_SECRET', 'not-set')}`,
  ],
  [
    'a secret as a default',
    `\${env('ROBOT_SECRET', 'not-set')}`,
    `\${env('ROBOT_SECRET', 'SEC0123')}`,
    `\${env('ROBOT_SECRET', 'not-set')}`,
    `resources.notify.props.environmentVariables.ROBOT_SECRET: a secret stands in the file; revoke it, and write \${env('ROBOT_SECRET', 'not-set')}`,
  ],
  [
    'an access key anywhere',
    'access: default',
    'access: LTAI5tExample12345678',
    'access: prod',
    `access: a secret stands in the file; revoke it, and write \${env('NAME', 'not-set')}`,
  ],
  [
    'the type of a trigger',
    'triggerType: http',
    'triggerType: eventbridge',
    'triggerType: http',
    `${I}.triggers.0.triggerType: "eventbridge" must be http or timer: events come by rules that setup makes, and an unchanged eventbridge trigger hides those after it`,
  ],
  [
    'who may call',
    'authType: anonymous',
    'authType: none',
    'authType: anonymous, disableURLInternet: false',
    `${I}.triggers.0.triggerConfig.authType: "none" must be anonymous`,
  ],
  [
    'a method',
    'methods: [POST]',
    'methods: [POST, FETCH]',
    'methods: [POST, GET]',
    `${I}.triggers.0.triggerConfig.methods.1: "FETCH" must be GET or POST or PUT or DELETE or HEAD or PATCH or OPTIONS`,
  ],
  [
    'no POST',
    'methods: [POST]',
    'methods: [GET]',
    'methods: [GET, POST]',
    `${I}.triggers: ingest has no HTTP trigger for POST, so that no callback arrives`,
  ],
  [
    'a misspelt key of a trigger',
    'methods: [POST] }',
    'methods: [POST], disableUrlInternet: true }',
    'methods: [POST], disableURLInternet: false }',
    `${I}.triggers.0.triggerConfig: has the unknown key disableUrlInternet, ${SILENT}`,
  ],
  [
    'a schedule',
    "cronExpression: '@every 1m', enable: true }",
    "cronExpression: '@every 0m', enable: true }",
    "cronExpression: 'CRON_TZ=Asia/Shanghai 0 * * * * *', enable: true }",
    `${I}.triggers.1.triggerConfig.cronExpression: "@every 0m" must be '@every <n>m' above zero, or a cron of six fields, seconds first`,
  ],
  [
    'a sweep that is switched off',
    "cronExpression: '@every 1m', enable: true, payload",
    "cronExpression: '@every 1m', enable: false, payload",
    "cronExpression: '@every 1h30m', enable: true, payload",
    `${T}.triggers: dispatch has no enabled timer trigger, so that nothing takes up what an event has lost`,
  ],
  [
    'two triggers of one name',
    'triggerName: callback',
    'triggerName: sweep',
    'triggerName: hook',
    `${I}.triggers.1.triggerName: "sweep" is the name of an earlier trigger; names must differ`,
  ],
  [
    'the name of a trigger',
    'triggerName: callback',
    'triggerName: 1-callback',
    'triggerName: call-back_1',
    `${I}.triggers.0.triggerName: "1-callback" must be 1 to 128 of A-Z, a-z, 0-9, _ and -, not beginning with a digit or -`,
  ],
];

test.each(RULES)('%s', (_what, old, wrong, right, fault) => {
  expect(faultsWith(old, wrong)).toContainEqual(expect.stringContaining(fault));
  expect(faultsWith(old, right)).toEqual([]);
});

test('a fault of a template is named once, where it stands', () => {
  expect(faultsWith('cpu: 0.35', 'cpu: 99')).toEqual([`${T}.cpu: 99 must be a multiple of 0.05 from 0.05 to 16`]);
});

test('an unknown key comes with the keys that there are', () => {
  const file = parse(SAMPLE.replace('memorySize', 'memorysize'));
  const finding = checkSYaml({ file, workflows: WORKFLOWS, variables: {} }).find(({ unknownKeys }) => unknownKeys);
  expect(finding).toMatchObject({ path: ['template', 'function'], unknownKeys: ['memorysize'] });
  expect(finding?.knownKeys).toContain('memorySize');
});

test('a variable that the workflows of another environment read stands in s.yaml too, and is not needed here', () => {
  const elsewhere = { workflows: { onboarding: { run: { instances: [`\${PROD_INSTANCE_IDS}`] } } } };
  const old = `INSTANCE_IDS: "\${env('INSTANCE_IDS', 'not-set')}"`;
  const both = `${old}, PROD_INSTANCE_IDS: "\${env('PROD_INSTANCE_IDS', 'not-set')}"`;
  const messages = (text: string, workflows: object) =>
    checkSYaml({
      file: parse(SAMPLE.replace(old, () => text)),
      workflows,
      all: [WORKFLOWS, elsewhere],
      variables: {},
    }).map(({ message }) => message);
  expect(messages(both, WORKFLOWS)).toEqual([]);
  expect(messages(old, WORKFLOWS)).toEqual([]);
  expect(messages(both, elsewhere)).toEqual([]);
  expect(messages(old, elsewhere)).toEqual([
    `resources.dispatch.props.environmentVariables: dispatch needs PROD_INSTANCE_IDS; add \${env('PROD_INSTANCE_IDS', 'not-set')}`,
  ]);
});

test('a variable that the function does not read is one too many: it would hold what it does not need', () => {
  const old = `INSTANCE_IDS: "\${env('INSTANCE_IDS', 'not-set')}"`;
  expect(faultsWith(old, `${old}, ROBOT_SECRET: "\${env('ROBOT_SECRET', 'not-set')}"`)).toEqual([
    'resources.dispatch.props.environmentVariables: dispatch does not read ROBOT_SECRET; leave it out, so that it holds nothing that it does not need',
  ]);
});

describe('the platforms of ingest', () => {
  const line = (name: string) => `        ${name}: \${env('${name}', 'not-set')}\n`;
  const DINGTALK = ['CORP_ID', 'APP_KEY', 'APP_SECRET', 'CALLBACK_TOKEN', 'CALLBACK_AES_KEY'].map((name) =>
    line(`DINGTALK_${name}`),
  );
  const LARK = ['APP_ID', 'APP_SECRET', 'VERIFICATION_TOKEN', 'ENCRYPT_KEY', 'TENANT_KEY', 'DOMAIN'].map((name) =>
    line(`LARK_${name}`),
  );
  const all = DINGTALK.join('');
  const missing = (name: string) =>
    `${I}.environmentVariables: ingest needs ${name}; add \${env('${name}', 'not-set')}`;
  const onLark = {
    workflows: { onboarding: { on: { lark: { approval_code: ['$', '{LARK_CODE}'].join('') } } } },
  };

  test.each([
    ['both', all + LARK.join('')],
    ['both, Lark with what it cannot do without', all + LARK.slice(0, 3).join('')],
    ['Lark alone', LARK.join('')],
  ])('may be %s', (_, lines) => expect(faultsWith(all, lines)).toEqual([]));

  test('are whole or not there: what half of one lacks is named', () => {
    expect(faultsWith(all, all + LARK.slice(1, 2).join(''))).toEqual([
      missing('LARK_APP_ID'),
      missing('LARK_VERIFICATION_TOKEN'),
    ]);
  });

  test('are at least one: without any, what each needs is named', () => {
    const names = faultsWith(all, '').map((fault) => /needs (\w+)/.exec(fault)?.[1]);
    expect(names).toEqual([
      'DINGTALK_CORP_ID',
      'DINGTALK_APP_KEY',
      'DINGTALK_APP_SECRET',
      'DINGTALK_CALLBACK_TOKEN',
      'DINGTALK_CALLBACK_AES_KEY',
      'LARK_APP_ID',
      'LARK_APP_SECRET',
      'LARK_VERIFICATION_TOKEN',
    ]);
  });

  test('need the templates of their own workflows, and not those of the other', () => {
    const check = (lines: string) =>
      checkSYaml({ file: parse(SAMPLE.replace(all, () => lines)), workflows: onLark, variables: {} })
        .map(({ message }) => message)
        .filter((message) => message.includes('LARK_CODE'));
    expect(check(all)).toEqual([]);
    expect(check(all + LARK.join(''))).toEqual([missing('LARK_CODE')]);
  });

  test('have a secret in the encrypt key', () => {
    expect(faultsWith(all, all + LARK.join('').replace(/(LARK_ENCRYPT_KEY: ).*/, '$1hunter2'))).toEqual([
      expect.stringContaining('LARK_ENCRYPT_KEY: a secret stands in the file'),
    ]);
  });
});

test('a function too few or too many is a fault', () => {
  expect(faultsWith('  notify:\n', '  notfy:\n')).toEqual([
    'resources.notify: is missing; it must be a map',
    `resources: has the unknown key notfy, ${SILENT}`,
  ]);
});

test('4 KB of variables are taken and not a byte more, as the shell fills them in', () => {
  // Six names, 130 bytes, the environment and five times not-set beside the code.
  const bytes = (size: number) => faultsWith('dev', 'dev', { ONBOARDING_CODE: 'x'.repeat(size) });
  const [first = ''] = bytes(5_000);
  const total = Number(/have (\d+) bytes/.exec(first)?.[1]);
  expect(bytes(5_000 - (total - 4_096))).toEqual([]);
  expect(bytes(5_001 - (total - 4_096))).toEqual([
    `${I}.environmentVariables: names and values have 4097 bytes, of which the platform takes 4096`,
  ]);
});

test('what the shell says counts', () => {
  expect(faultsWith('dev', 'dev', { ALIYUN_REGION: 'cn-hangzou' })).toEqual([
    expect.stringContaining(`${T}.region: "cn-hangzou" must be a region of Function Compute: ap-northeast-1, `),
  ]);
});

test('a template that nobody extends is a fault, since nothing of it is checked or deployed', () => {
  expect(faultsWith('template:\n', 'template:\n  old: { cpu: 99 }\n')).toEqual([
    'template.old: no function extends it; leave it out',
  ]);
});

test.each([
  ['nothing', null],
  ['a list', []],
  ['a text', 'text'],
])('%s is not the file', (_what, file) => {
  expect(checkSYaml({ file, workflows: WORKFLOWS, variables: {} })).toMatchObject([{ path: [] }]);
});

test('a file that extends another is not judged alone', () => {
  expect(checkSYaml({ file: { extend: 's.yaml' }, workflows: WORKFLOWS, variables: {} })).toMatchObject([
    { path: ['extend'], message: 'extend: a file that extends another is not checked; check the one that it extends' },
  ]);
});
