import { rootWithEnv } from '../root-with-env.ts';
import { changesSchema } from './changes-schema.ts';
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

const APP_SECRET = 'approval-loop-staging/DINGTALK_APP_SECRET';
const TOKEN = 'approval-loop-staging/DINGTALK_CALLBACK_TOKEN';
const VARIABLES = ['DINGTALK_APP_SECRET', 'DINGTALK_CALLBACK_TOKEN'];

/** A command line where staging takes these variables from KMS, and whom alerts tell is named. */
async function loop(variables: readonly string[], ...args: string[]) {
  const { root, remove } = await rootWithEnv('staging', {
    secrets: { kms: variables },
    alarms: { action_policy: 'it-ops' },
  });
  try {
    return await runIn(account.env, args, root);
  } finally {
    await remove();
  }
}
async function setup(...args: string[]) {
  const { code, stdout } = await loop(VARIABLES, 'setup', '--env', 'staging', '--json', ...args);
  const { changes } = changesSchema.parse(JSON.parse(stdout));
  return { code, changes, secrets: changes.filter(({ kind }) => kind === 'secret') };
}
const policyOf = (name: string) =>
  JSON.stringify(account.ram.state.policies.get(`approval-loop-staging-${name}`)?.versions.at(-1)?.document);

test('secrets that KMS does not have are named, and setup makes none', async () => {
  const detail = 'KMS in cn-hangzhou has none of this name; create it there';
  expect(await setup()).toMatchObject({
    code: 0,
    secrets: [
      { name: APP_SECRET, did: 'skipped', detail },
      { name: TOKEN, did: 'skipped', detail },
    ],
  });
});

test('the role of a function may read the secrets of its own variables', () => {
  const arn = (name: string) => `acs:kms:cn-hangzhou:1000000000000001:secret/${name}`;
  expect(policyOf('ingest')).toContain(arn(APP_SECRET));
  expect(policyOf('ingest')).toContain(arn(TOKEN));
  expect(policyOf('notify')).toContain(arn(APP_SECRET));
  expect(policyOf('notify')).not.toContain(arn(TOKEN));
  expect(policyOf('dispatch')).not.toContain('kms:');
});

test('a secret that is there needs nothing, and its value is asked for by nobody', async () => {
  await clients.kms.request('CreateSecret', { SecretName: TOKEN, SecretData: '密钥 🙂', VersionId: 'v1' });
  const refused = { kind: 'error', status: 403, code: 'Forbidden.NoPermission' } as const;
  account.ops.local.cloud.faults.add({ service: 'kms', operation: 'GetSecretValue', times: 9, fault: refused });
  const { secrets, changes } = await setup('--dry-run');
  account.ops.local.cloud.faults.clear();
  expect(secrets.map(({ name, did }) => `${did} ${name}`)).toEqual([`skipped ${APP_SECRET}`, `unchanged ${TOKEN}`]);
  expect(JSON.stringify(changes)).not.toContain('密钥');
});

test('with an action policy in env.yaml alerts tell it, and nothing is said of it', async () => {
  const { changes } = await setup('--dry-run');
  expect(changes.filter(({ kind, did }) => kind === 'alert' && did !== 'unchanged')).toEqual([]);
  const { body } = await clients.sls.getAlert(
    'serverless-cn-hangzhou-86799978-147b-5125-b29e-26ff24ae23b1',
    'approval-loop-staging-run-differs',
  );
  expect(body?.configuration?.policyConfiguration?.actionPolicyId).toBe('it-ops');
});

test('a key that may not look at secrets ends setup with the service’s name', async () => {
  const fault = { kind: 'error', status: 403, code: 'Forbidden.NoPermission' } as const;
  account.ops.local.cloud.faults.add({ service: 'kms', operation: 'DescribeSecret', times: 2, fault });
  const { code, stderr } = await loop(VARIABLES, 'setup', '--env', 'staging');
  account.ops.local.cloud.faults.clear();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: KMS: .*Forbidden\.NoPermission.*the key of this shell may not do this/);
});

test('a variable that no function has is refused by its name', async () => {
  const { code, stderr } = await loop(['DINGTALK_APP_SECRT'], 'setup', '--env', 'staging');
  expect(code).toBe(2);
  expect(stderr).toContain(
    'env.yaml takes DINGTALK_APP_SECRT from KMS, but no function in s.yaml has a variable of that name',
  );
});
