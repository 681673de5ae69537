import * as sls from '@alicloud/sls20201230';
import { ALARM_RULES } from '../../../setup/alarm-queries.ts';
import { type AlertDefinition, alertDefinition } from '../../../setup/alerts/alert-definition.ts';
import { KEYS, PROJECT, type Started, startLogService, TEMPORARY } from './start-log-service.ts';

let service: Started;
beforeAll(async () => {
  service = await startLogService();
});
afterAll(() => service.close());

const PLACE = { region: 'cn-hangzhou', project: PROJECT, logstore: 'default-logs' };
const [RULE] = ALARM_RULES;
if (!RULE) throw new Error('there is no rule');
const ALERT = alertDefinition(RULE, 'prod', PLACE, { action_policy: 'it-ops' });
const create = (alert: object) => service.client().createAlert(PROJECT, new sls.CreateAlertRequest(alert));
const get = async (name: string) => (await service.client().getAlert(PROJECT, name)).body;
const list = async (page: object) => (await service.client().listAlerts(PROJECT, new sls.ListAlertsRequest(page))).body;
const withConfiguration = (changed: Partial<AlertDefinition['configuration']>) => ({
  ...ALERT,
  configuration: { ...ALERT.configuration, ...changed },
});

test('an alert is made once, read, changed, switched off and on, and deleted', async () => {
  await create(ALERT);
  await expect(create(ALERT)).rejects.toMatchObject({ code: 'JobAlreadyExist' });
  expect(JSON.parse(JSON.stringify(await get(ALERT.name)))).toMatchObject({ ...ALERT, status: 'ENABLED' });
  const { name: _, ...body } = { ...ALERT, displayName: '有请求停下来了 🙂' };
  await service.client().updateAlert(PROJECT, ALERT.name, new sls.UpdateAlertRequest(body));
  await service.client().disableAlert(PROJECT, ALERT.name);
  expect(await get(ALERT.name)).toMatchObject({ displayName: '有请求停下来了 🙂', status: 'DISABLED' });
  await service.client().enableAlert(PROJECT, ALERT.name);
  expect(await get(ALERT.name)).toMatchObject({ status: 'ENABLED' });
  await service.client().deleteAlert(PROJECT, ALERT.name);
  await expect(get(ALERT.name)).rejects.toMatchObject({ code: 'JobNotExist', statusCode: 404 });
});

test('alerts are listed by pages of ten and outlive the service', async () => {
  for (let number = 0; number < 12; number += 1) await create({ ...ALERT, name: `alert-${number}` });
  await service.restart();
  expect(await list({})).toMatchObject({ count: 10, total: 12 });
  expect((await list({ offset: 10, size: 200 }))?.results?.map(({ name }) => name)).toEqual(['alert-10', 'alert-11']);
  await expect(list({ size: 201 })).rejects.toMatchObject({ code: 'ParameterInvalid' });
});

test.each<[string, object]>([
  ['an older version', withConfiguration({ version: '1.0' })],
  ['an id with capital letters', { ...ALERT, name: 'Request-Parked' }],
  ['an id in Chinese', { ...ALERT, name: '告警' }],
  ['a severity that is none', withConfiguration({ noDataSeverity: 5 as never })],
  [
    'four queries',
    withConfiguration({ queryList: Array.from({ length: 4 }, () => ALERT.configuration.queryList[0]) as never }),
  ],
  [
    'a condition of 129 characters',
    withConfiguration({ severityConfigurations: [{ severity: 8, evalCondition: { condition: 'x'.repeat(129) } }] }),
  ],
  ['another type of schedule', { ...ALERT, schedule: { type: 'Never', interval: '5m' } }],
])('%s is refused', async (_, alert) => {
  await expect(create(alert)).rejects.toMatchObject({
    code: 'ParameterInvalid',
    statusCode: 400,
  });
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    'another secret',
    () => service.client({ ...KEYS, accessKeySecret: 'wrong' }).getAlert(PROJECT, 'a'),
    'SignatureNotMatch',
  ],
  ['an unknown key', () => service.client({ ...KEYS, accessKeyId: 'LTAI9' }).getAlert(PROJECT, 'a'), 'Unauthorized'],
  ['another token', () => service.client({ ...TEMPORARY, securityToken: 'x' }).getAlert(PROJECT, 'a'), 'Unauthorized'],
  ['another project', () => service.client().getAlert('project-2', 'a'), 'ProjectNotExist'],
])('a call with %s is refused', async (_, call, code) => {
  await expect(call()).rejects.toMatchObject({ code });
});

test('a temporary key is taken together with its token', async () => {
  const { body } = await service.client(TEMPORARY).listAlerts(PROJECT, new sls.ListAlertsRequest({ size: 1 }));
  expect(body?.count).toBe(1);
});

test('a request that was changed on its way is refused', async () => {
  const { request } = await import('node:http');
  const headers = {
    host: `${PROJECT}.local`,
    authorization: `LOG ${KEYS.accessKeyId}:${'A'.repeat(43)}=`,
    date: new Date().toUTCString(),
    'x-log-apiversion': '0.6.0',
    'x-log-signaturemethod': 'hmac-sha256',
  };
  const status = await new Promise((resolve) => {
    request(`${service.origin}/alerts`, { headers }, (response) => resolve(response.statusCode)).end();
  });
  expect(status).toBe(401);
});

test('a request that is sixteen minutes old is refused', async () => {
  const late = await startLogService(16 * 60_000);
  const call = late.client().listAlerts(PROJECT, new sls.ListAlertsRequest({}));
  await expect(call).rejects.toMatchObject({ code: 'RequestTimeExpired' });
  await late.close();
});

test('it misbehaves when asked to, in its own words', async () => {
  const fault = { kind: 'error', status: 503, code: 'ServerBusy' } as const;
  service.faults.add({ service: 'sls', operation: 'GetAlert', times: 1, fault });
  await expect(get('alert-0')).rejects.toMatchObject({ code: 'ServerBusy' });
  expect(await get('alert-0')).toMatchObject({ name: 'alert-0' });
});
