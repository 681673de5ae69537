import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { applySettings } from '../../../setup/environments/apply-settings.ts';
import { loadEnvironment, readEnvironments } from '../../../setup/environments/env-file.ts';
import { checkSYaml } from '../../../setup/s-yaml/check-s-yaml.ts';

const ROOT = resolve(__dirname, '../../..');
const size = { cpu: 0.5, memory: 512, timeout: 60 };
const defaults = {
  region: 'cn-hangzhou',
  log_level: 'info',
  sweep: '@every 1m',
  async: { retries: 2, max_age_seconds: 3600 },
  functions: { ingest: size, dispatch: size, notify: size },
};
const fileOf = (own: object, more = {}) => ({ defaults: { ...defaults, ...more }, environments: { dev: own } });

describe('env.yaml', () => {
  test('has dev, staging and prod, and says of each only what differs', async () => {
    const read = async (name: string) => {
      const { log_level, functions, tags } = await loadEnvironment(ROOT, name);
      return { log_level, tags, ingest: functions.ingest, notify: functions.notify };
    };
    const small = { cpu: 0.35, memory: 512, timeout: 60 };
    expect(await read('dev')).toEqual({ log_level: 'debug', tags: { stage: 'dev' }, ingest: small, notify: small });
    expect(await read('staging')).toEqual({
      log_level: 'info',
      tags: { stage: 'staging' },
      ingest: small,
      notify: small,
    });
    expect(await read('prod')).toEqual({
      log_level: 'info',
      tags: { stage: 'prod' },
      ingest: { cpu: 0.5, memory: 1024, timeout: 60, min_instances: 1 },
      notify: small,
    });
  });

  test('an environment that it has not is refused, with the names of those it has', async () => {
    await expect(loadEnvironment(ROOT, 'pord')).rejects.toThrow(
      'there is no environment "pord" in env.yaml; it has dev, staging, prod',
    );
  });

  test.each([
    ['an unknown key', { memory: 512 }, 'environments.dev: Unrecognized key: "memory"'],
    [
      'a time-out shorter than a sweep',
      { functions: { notify: { timeout: 30 } } },
      'environments.dev.functions.notify.timeout: ',
    ],
    [
      'a sweep that is none',
      { sweep: 'often' },
      'environments.dev.sweep: must be @every and minutes, such as "@every 1m"',
    ],
    [
      'an action policy with a space',
      { alarms: { action_policy: 'it ops' } },
      'environments.dev.alarms.action_policy: must be the id of an action policy',
    ],
    [
      'a secret that is no variable',
      { secrets: { kms: ['dingtalk 密钥'] } },
      'environments.dev.secrets.kms.0: must be the name of a variable',
    ],
    ['a log level that is none', { log_level: 'loud' }, 'environments.dev.log_level: '],
    ['a region that is none', { region: 'Hangzhou' }, 'environments.dev.region: must be a region such as cn-hangzhou'],
    ['too many tries', { async: { retries: 9 } }, 'environments.dev.async.retries: '],
  ])('%s is refused by its place', (_what, own, message) => {
    expect(() => readEnvironments(fileOf(own))).toThrow(message);
  });

  test('a name that cannot be part of the name of a bucket is refused', () => {
    expect(() => readEnvironments({ defaults, environments: { 'Prod!': {} } })).toThrow('env.yaml: environments.Prod!');
  });

  test.each([
    [['dev', 'dev-eu'], '"dev" and "dev-eu" cannot stand side by side'],
    [['dev-eu-2', 'dev', 'prod'], 'rename one, to "deveu2" for example'],
  ])('%j are refused: the commands of one would be taken for those of the other', (names, message) => {
    const environments = Object.fromEntries(names.map((name) => [name, {}]));
    expect(() => readEnvironments({ defaults, environments })).toThrow(message);
  });

  test.each([[['dev', 'devel']], [['prod-eu', 'prod-us']]])('%j stand side by side', (names) => {
    const environments = Object.fromEntries(names.map((name) => [name, {}]));
    expect([...readEnvironments({ defaults, environments }).keys()]).toEqual(names);
  });
});

describe('the settings over s.yaml', () => {
  const sYaml = readFileSync(resolve(ROOT, 's.yaml'), 'utf8');
  const workflows: unknown = parse(readFileSync(resolve(ROOT, 'workflows.yaml'), 'utf8'));

  test.each(['dev', 'staging', 'prod'])('make a file for %s that the check has nothing to say about', async (name) => {
    const text = applySettings(sYaml, name, await loadEnvironment(ROOT, name));
    const variables = { ALIYUN_ACCOUNT_ID: '1234567890123456' };
    expect(checkSYaml({ file: parse(text), workflows, variables })).toEqual([]);
  });

  test.each([
    [true, { asyncTask: true, maxAsyncRetryAttempts: 0, maxAsyncEventAgeInSeconds: 60 }],
    [false, { maxAsyncRetryAttempts: 0, maxAsyncEventAgeInSeconds: 60 }],
  ])('tasks: %j reaches the asynchronous settings of each function', async (tasks, wanted) => {
    const settings = { ...(await loadEnvironment(ROOT, 'dev')), async: { retries: 0, max_age_seconds: 60, tasks } };
    const file: unknown = parse(applySettings(sYaml, 'dev', settings));
    for (const name of ['ingest', 'dispatch', 'notify'])
      expect(file).toHaveProperty(['resources', name, 'props', 'asyncInvokeConfig'], wanted);
  });

  test('what s.yaml says of asynchronous calls beside them stays', async () => {
    const own = sYaml.replace(/ {6}code: .*notify\n/, '$&      asyncInvokeConfig: { asyncTask: true }\n');
    const text = applySettings(own, 'dev', await loadEnvironment(ROOT, 'dev'));
    expect(parse(text)).toMatchObject({
      resources: { notify: { props: { asyncInvokeConfig: { asyncTask: true, maxAsyncRetryAttempts: 2 } } } },
    });
  });

  test('a secret in KMS stands by its name wherever a function has the variable, and nowhere else', async () => {
    const secrets = { kms: ['DINGTALK_APP_SECRET', 'DINGTALK_CALLBACK_TOKEN'] };
    const text = applySettings(sYaml, 'prod', { ...(await loadEnvironment(ROOT, 'prod')), secrets });
    const appSecret = 'kms:approval-loop-prod/DINGTALK_APP_SECRET';
    expect(parse(text)).toMatchObject({
      resources: {
        ingest: {
          props: {
            environmentVariables: {
              DINGTALK_APP_SECRET: appSecret,
              DINGTALK_CALLBACK_TOKEN: 'kms:approval-loop-prod/DINGTALK_CALLBACK_TOKEN',
              DINGTALK_CALLBACK_AES_KEY: expect.stringMatching(/^\$\{env\('DINGTALK_CALLBACK_AES_KEY'/),
            },
          },
        },
        notify: { props: { environmentVariables: { DINGTALK_APP_SECRET: appSecret } } },
      },
    });
    expect(text.match(/kms:/g)).toHaveLength(3);
    expect(checkSYaml({ file: parse(text), workflows, variables: { ALIYUN_ACCOUNT_ID: '1234567890123456' } })).toEqual(
      [],
    );
  });

  test('reach each function, and what comes from the shell stays open', async () => {
    const settings = { ...(await loadEnvironment(ROOT, 'prod')), sweep: '@every 2m', region: 'cn-shanghai' };
    const text = applySettings(sYaml, 'prod', settings);
    expect(parse(text)).toMatchObject({
      vars: { environment: 'prod', region: 'cn-shanghai' },
      resources: {
        ingest: {
          props: {
            cpu: 0.5,
            memorySize: 1024,
            timeout: 60,
            scalingConfig: { minInstances: 1 },
            tags: [{ key: 'stage', value: 'prod' }],
            environmentVariables: {
              LOG_LEVEL: 'info',
              DINGTALK_APP_SECRET: expect.stringContaining("{env('DINGTALK_APP_SECRET', 'not-set')}"),
            },
            asyncInvokeConfig: { maxAsyncRetryAttempts: 2, maxAsyncEventAgeInSeconds: 3600 },
            triggers: [
              { triggerName: 'callback' },
              { triggerConfig: { cronExpression: '@every 2m', payload: 'sweep' } },
            ],
          },
        },
        notify: {
          props: { cpu: 0.35, memorySize: 512, triggers: [{ triggerConfig: { cronExpression: '@every 2m' } }] },
        },
      },
    });
  });
});
