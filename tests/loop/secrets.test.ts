import KmsClient from '@alicloud/pop-core';
import { readFunctions } from '../../local/cloud/read-functions.ts';
import { setUpRoles } from '../../setup/roles/set-up-roles.ts';
import type { NO_SECRETS } from '../../setup/secrets/secret-names.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog } from '../../shared/log.ts';
import { COMPLETED, form, type Loop, ROOT, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
let kms: KmsClient;
beforeAll(async () => {
  loop = await startLoop();
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret } = loop.cloud.state;
  kms = new KmsClient({ accessKeyId, accessKeySecret, endpoint: loop.cloud.endpoints.kms, apiVersion: '2016-01-20' });
});
afterAll(() => loop.close());

const VARIABLES = ['DINGTALK_APP_SECRET', 'DINGTALK_CALLBACK_TOKEN', 'DINGTALK_CALLBACK_AES_KEY'] as const;
const nameOf = (variable: string) => `approval-loop-dev/${variable}`;
const NAMES = VARIABLES.map(nameOf);

/** What deploy does with these variables: references instead of values. */
async function deployReferences(): Promise<void> {
  const { cloud } = loop;
  const references = Object.fromEntries(VARIABLES.map((variable) => [variable, `kms:${nameOf(variable)}`]));
  for (const definition of await readFunctions(ROOT, { ...cloud.variables, ...references })) {
    const environmentVariables = { ...definition.environmentVariables, ...cloud.environment };
    await cloud.functions.putFunction({ ...definition, environmentVariables });
  }
}

/** What setup does with them: the roles may read them. */
async function allowSecrets(secrets: typeof NO_SECRETS): Promise<void> {
  const { region, state, endpoints, workflows, commandIds } = loop.cloud;
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret, account_id: accountId } = state;
  const clock = createSystemClock();
  const log = createLog({ clock, level: 'error', write: () => {} });
  const place = { environmentName: 'dev', region, accountId, credentials: { accessKeyId, accessKeySecret } };
  const target = { ...place, endpoints: { ram: endpoints.ram }, clock, log };
  await setUpRoles(target, { workflows, commandIds: Object.values(commandIds), secrets });
}

test('a function whose role may not read a secret says which, and what it would have received is found later', async () => {
  for (const variable of VARIABLES)
    await kms.request('CreateSecret', {
      SecretName: nameOf(variable),
      SecretData: loop.cloud.variables[variable],
      VersionId: 'v1',
    });
  await deployReferences();
  const denied = loop.logged('access denied', {
    role: 'approval-loop-dev-ingest',
    action: 'kms:GetSecretValue',
    resource: `acs:kms:cn-hangzhou:1000000000000001:secret/${nameOf('DINGTALK_CALLBACK_TOKEN')}`,
  });
  const approval = await loop.approve(form('E880'));
  await denied;
  await allowSecrets({ ingest: NAMES, dispatch: [], notify: [nameOf('DINGTALK_APP_SECRET')] });
  expect((await loop.closed(approval)).facts).toEqual(COMPLETED);
});

test('with secrets from KMS an approval goes its way, and no line has a value', async () => {
  const approval = await loop.approve(form('E881'));
  const { facts, messages } = await loop.closed(approval);
  expect(facts).toEqual(COMPLETED);
  expect(messages.length).toBeGreaterThan(0);
  const lines: string[] = [];
  loop.cloud.activity.watch((entry) => void lines.push(JSON.stringify(entry)), 0)();
  expect(lines.length).toBeGreaterThan(10);
  for (const variable of VARIABLES)
    expect(lines.filter((line) => line.includes(loop.cloud.variables[variable] ?? 'none'))).toEqual([]);
  expect(
    lines.some((line) =>
      line.includes(
        'secrets cannot be read: DINGTALK_APP_SECRET refers to the secret approval-loop-dev/DINGTALK_APP_SECRET',
      ),
    ),
  ).toBe(true);
});
