import { CreateAlertRequest, ListAlertsRequest, UpdateAlertRequest } from '@alicloud/sls20201230';
import { createFaults } from '../../../local/faults.ts';
import { serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createLogService } from '../../../local/log-service/create-log-service.ts';
import { createSystemClock } from '../../../shared/clock.ts';
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

const PROJECT = 'serverless-cn-hangzhou-86799978-147b-5125-b29e-26ff24ae23b1';
const PARKED = 'approval-loop-staging-request-parked';
const NAMES = [
  'request-parked',
  'message-undeliverable',
  'credentials-missing',
  'callback-missed',
  'callback-rejected',
  'quota-scarce',
  'request-unknown',
  'run-differs',
  'workflow-paused',
  'stop-failed',
  'hints-refused',
  'sweep-alive-ingest',
  'sweep-alive-dispatch',
  'sweep-alive-notify',
].map((name) => `approval-loop-staging-${name}`);

/** What setup says of alerts, but for those that are as they should be. */
async function setup(env: Record<string, string>, ...args: string[]) {
  const { code, stdout } = await runIn(env, ['setup', '--env', 'staging', '--json', ...args]);
  const { changes } = changesSchema.parse(JSON.parse(stdout));
  const own = changes.filter(({ kind, did }) => kind === 'alert' && did !== 'unchanged');
  return { code, own, said: own.map(({ did, name }) => `${did} ${name}`) };
}
const list = async () => {
  const { body } = await clients.sls.listAlerts(PROJECT, new ListAlertsRequest({ size: 200 }));
  return (body?.results ?? []).filter(({ name }) => name?.startsWith('approval-loop-staging-'));
};
const find = async (name: string) => (await clients.sls.getAlert(PROJECT, name)).body;
const UNHEARD = 'skipped action policy';

test('--dry-run names every alert and makes none', async () => {
  const { code, said } = await setup(account.env, '--dry-run');
  expect({ code, said }).toEqual({ code: 0, said: [...NAMES.map((name) => `created ${name}`), UNHEARD] });
  expect(await list()).toEqual([]);
});

test('each alarm gets its alert, and the second time none is left to make', async () => {
  expect((await setup(account.env)).said).toEqual([...NAMES.map((name) => `created ${name}`), UNHEARD]);
  expect((await list()).map(({ name }) => name)).toEqual(NAMES);
  expect((await setup(account.env)).said).toEqual([UNHEARD]);
});

test('an alert asks the log of the functions, says what to do, and is on', async () => {
  expect(JSON.parse(JSON.stringify(await find(PARKED)))).toMatchObject({
    displayName: 'approval-loop: request_parked (staging)',
    description: 'Made by approval-loop setup: docs/operations.md#alarms says what to do about request_parked',
    status: 'ENABLED',
    schedule: { type: 'FixedRate', interval: '5m' },
    configuration: {
      queryList: [
        {
          storeType: 'log',
          region: 'cn-hangzhou',
          project: PROJECT,
          store: 'default-logs',
          query:
            '(__topic__: "FCLogs:approval-loop-staging-ingest" or __topic__: "FCLogs:approval-loop-staging-dispatch" or __topic__: "FCLogs:approval-loop-staging-notify") and request_parked | select count(*) as lines',
          start: '-5m',
          end: 'now',
        },
      ],
      severityConfigurations: [{ severity: 8, evalCondition: { condition: 'lines >= 1' } }],
      labels: [{ key: 'approval-loop-environment', value: 'staging' }],
      noDataFire: false,
      policyConfiguration: { alertPolicyId: 'sls.builtin.dynamic', actionPolicyId: 'sls.builtin' },
    },
  });
  expect(await find('approval-loop-staging-sweep-alive-notify')).toMatchObject({
    configuration: {
      severityConfigurations: [{ severity: 10, evalCondition: { condition: 'lines == 0' } }],
      noDataFire: true,
    },
  });
});

test('what somebody has changed, switched off or deleted is repaired, and a mute stays', async () => {
  const found = await find(PARKED);
  const configuration = { ...found?.configuration, threshold: 5, muteUntil: 4_000_000_000 };
  const { displayName, description, schedule } = found ?? {};
  const body = { displayName, description, schedule, configuration };
  await clients.sls.updateAlert(PROJECT, PARKED, new UpdateAlertRequest(body));
  await clients.sls.disableAlert(PROJECT, 'approval-loop-staging-run-differs');
  await clients.sls.deleteAlert(PROJECT, 'approval-loop-staging-stop-failed');
  const wanted = [
    `updated ${PARKED}`,
    'updated approval-loop-staging-run-differs',
    'created approval-loop-staging-stop-failed',
    UNHEARD,
  ];
  expect((await setup(account.env, '--dry-run')).said).toEqual(wanted);
  const { own } = await setup(account.env);
  expect(own.map(({ did, name }) => `${did} ${name}`)).toEqual(wanted);
  expect(own.map(({ detail }) => detail).slice(0, 2)).toEqual(['what it asks or tells', 'it was switched off']);
  expect((await setup(account.env)).said).toEqual([UNHEARD]);
  expect(await find(PARKED)).toMatchObject({ configuration: { threshold: 1, muteUntil: 4_000_000_000 } });
});

test('an alert of ours that no rule names any more goes, one of another environment stays', async () => {
  const found = JSON.parse(JSON.stringify(await find(PARKED)));
  const { status: _, createTime: __, lastModifiedTime: ___, ...alert } = found;
  const other = {
    ...alert,
    name: 'approval-loop-other-request-parked',
    configuration: { ...alert.configuration, labels: [{ key: 'approval-loop-environment', value: 'other' }] },
  };
  await clients.sls.createAlert(PROJECT, new CreateAlertRequest({ ...alert, name: 'approval-loop-staging-gone' }));
  await clients.sls.createAlert(PROJECT, new CreateAlertRequest(other));
  expect((await setup(account.env)).said).toEqual(['removed approval-loop-staging-gone', UNHEARD]);
  expect(await find('approval-loop-other-request-parked')).toMatchObject({ status: 'ENABLED' });
});

test('somebody else’s alert of our name is left alone until --adopt takes it over', async () => {
  const found = JSON.parse(JSON.stringify(await find(PARKED)));
  const { status: _, createTime: __, lastModifiedTime: ___, ...alert } = found;
  await clients.sls.deleteAlert(PROJECT, PARKED);
  const theirs = { ...alert, displayName: '我的告警 🙂', configuration: { ...alert.configuration, labels: [] } };
  await clients.sls.createAlert(PROJECT, new CreateAlertRequest(theirs));
  expect(await setup(account.env)).toMatchObject({ code: 1, said: [`refused ${PARKED}`, UNHEARD] });
  expect(await find(PARKED)).toMatchObject({ displayName: '我的告警 🙂' });
  expect(await setup(account.env, '--adopt')).toMatchObject({ code: 0, said: [`updated ${PARKED}`, UNHEARD] });
  expect(await find(PARKED)).toMatchObject({ displayName: 'approval-loop: request_parked (staging)' });
});

test('before the first deploy there is no log project: that is told, and everything else is made', async () => {
  const identities = createIdentities('1000000000000001');
  const { ALIBABA_CLOUD_ACCESS_KEY_ID = '', ALIBABA_CLOUD_ACCESS_KEY_SECRET = '' } = account.env;
  const keys = { accessKeyId: ALIBABA_CLOUD_ACCESS_KEY_ID, accessKeySecret: ALIBABA_CLOUD_ACCESS_KEY_SECRET };
  identities.add({ ...keys, name: 'root' });
  const directory = `${account.ops.local.description.directory}/empty-log-service`;
  const parts = { identities, clock: createSystemClock(), faults: createFaults(), newId: () => 'request', directory };
  const server = await serve(createLogService({ ...parts, projects: [] }).handle);
  const { code, own } = await setup({ ...account.env, SLS_ENDPOINT: server.origin });
  await server.close();
  expect(code).toBe(0);
  expect(own).toMatchObject([
    { did: 'skipped', name: PROJECT, detail: expect.stringContaining('deploy makes it') },
    { did: 'skipped', name: 'action policy' },
  ]);
});

test('a log service that is out of reach is named', async () => {
  const { code, stderr } = await runIn({ ...account.env, SLS_ENDPOINT: 'http://127.0.0.1:9' }, [
    'setup',
    '--env',
    'staging',
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: Simple Log Service: .*ECONNREFUSED.*it cannot be reached/m);
});
