import * as sdk from '@alicloud/eventbridge';
import { setUpEventBus } from '../../setup/event-bus.ts';
import { removeEventBus } from '../../setup/remove-event-bus.ts';
import type { SetupTarget } from '../../setup/target.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog } from '../../shared/log.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import { ACCOUNT_ID, ROOT, type Started, startEventBridge, stopAll } from '../local/event-bridge/start-event-bridge.ts';
import { SAMPLE } from '../shared/workflows/sample.ts';

afterEach(stopAll);

const CLOSED = loadWorkflows(SAMPLE);
const openedWith = (dingtalk: object) => loadWorkflows({ ...SAMPLE, http_source: { dingtalk } });
const OWN = openedWith({ instance_id: 'body.processInstanceId' });
const THEIRS = openedWith({ bus: 'company', source: 'my.flow', instance_id: 'body.processInstanceId' });
const RULE = 'approval-loop-staging-http-dingtalk';

let started: Started;
let target: SetupTarget;
beforeEach(async () => {
  started = await startEventBridge();
  const clock = createSystemClock();
  target = {
    environmentName: 'staging',
    region: 'cn-hangzhou',
    accountId: ACCOUNT_ID,
    credentials: ROOT,
    endpoints: { eventBridge: started.server.origin },
    clock,
    log: createLog({ clock, write: () => undefined }),
  };
});

/** What setup says of the HTTP way in. */
async function setUp(workflows: typeof CLOSED, options: Partial<SetupTarget> = {}) {
  const changes = await setUpEventBus({ ...target, ...options }, workflows);
  const about = changes.filter(({ name, did }) => did !== 'unchanged' && /http|company|my\.flow/.test(name));
  return about.map(({ did, kind, name }) => `${did} ${kind} ${name}`);
}
const ruleOn = (eventBusName: string) =>
  started.client.getRule(new sdk.GetRuleRequest({ eventBusName, ruleName: RULE }));
async function makeCompanyBus(): Promise<void> {
  await started.client.createEventBus(new sdk.CreateEventBusRequest({ eventBusName: 'company' }));
}
async function makeCompanySource(): Promise<void> {
  const sourceHttpEventParameters = new sdk.SourceHttpEventParameters({
    type: 'HTTPS',
    method: ['POST'],
    securityConfig: 'none',
  });
  const source = { eventBusName: 'company', eventSourceName: 'my.flow', sourceHttpEventParameters };
  await started.client.createEventSource(new sdk.CreateEventSourceRequest(source));
}

test('closed by default: no source, no rule', async () => {
  expect(await setUp(CLOSED)).toEqual([]);
  await expect(ruleOn('approval-loop-staging')).rejects.toMatchObject({ code: 'EventRuleNotExisted' });
});

test('opened, it makes a source that takes POST and a rule that wakes ingest, and says so before', async () => {
  const made = ['created event source dingtalk.http', `created rule ${RULE}`];
  expect(await setUp(OWN, { lookOnly: true })).toEqual(made);
  expect(await setUp(OWN)).toEqual(made);
  expect(await setUp(OWN)).toEqual([]);
  const rule = await ruleOn('approval-loop-staging');
  expect(JSON.parse(rule.filterPattern)).toEqual({
    source: ['dingtalk.http'],
    type: ['eventbridge:Events:HTTPEvent'],
    data: { body: { processInstanceId: [{ exists: true }] } },
  });
  expect(rule.targets).toMatchObject([
    { id: 'ingest', endpoint: `acs:fc:cn-hangzhou:${ACCOUNT_ID}:functions/approval-loop-staging-ingest` },
  ]);
  const { eventSources } = await started.client.listUserDefinedEventSources(
    new sdk.ListUserDefinedRequest({ eventBusName: 'approval-loop-staging', limit: 100 }),
  );
  const http = eventSources?.find(({ name }) => name === 'dingtalk.http')?.sourceHttpEventResponse;
  expect(http).toMatchObject({ type: 'HTTPS', method: ['POST'], securityConfig: 'none' });
});

test('closed again, source and rule go', async () => {
  await setUp(OWN);
  const gone = [`removed rule ${RULE}`, 'removed event source dingtalk.http'];
  expect(await setUp(CLOSED, { lookOnly: true })).toEqual(gone);
  expect(await setUp(CLOSED)).toEqual(gone);
  expect(await setUp(CLOSED)).toEqual([]);
});

test("the company's own bus and source are used as they are, and only the rule is ours", async () => {
  await makeCompanyBus();
  await makeCompanySource();
  expect(await setUp(THEIRS)).toEqual([`created rule ${RULE}`]);
  expect(JSON.parse((await ruleOn('company')).filterPattern)).toMatchObject({ source: ['my.flow'] });
  expect(await setUp(THEIRS)).toEqual([]);
  expect(await setUp(CLOSED)).toEqual([`removed rule ${RULE}`]);
});

test('from our own bus to theirs: the rule moves', async () => {
  await makeCompanyBus();
  await makeCompanySource();
  await setUp(OWN);
  expect(await setUp(THEIRS)).toEqual([
    `removed rule ${RULE}`,
    'removed event source dingtalk.http',
    `created rule ${RULE}`,
  ]);
  await expect(ruleOn('approval-loop-staging')).rejects.toMatchObject({ code: 'EventRuleNotExisted' });
  expect((await ruleOn('company')).status).toBe('ENABLE');
});

test('a bus or a source of theirs that is not there is named, and the rest is set up', async () => {
  expect(await setUp(THEIRS)).toEqual(['skipped bus company']);
  await makeCompanyBus();
  expect(await setUp(THEIRS)).toEqual(['skipped event source my.flow', `created rule ${RULE}`]);
});

test('the rule of another environment, on the same bus, is left alone', async () => {
  await makeCompanyBus();
  await makeCompanySource();
  await setUp(THEIRS);
  await setUp(THEIRS, { environmentName: 'prod' });
  expect(await setUp(CLOSED, { environmentName: 'prod' })).toEqual(['removed rule approval-loop-prod-http-dingtalk']);
  expect((await ruleOn('company')).ruleName).toBe(RULE);
});

test('remove takes away rule and source on whatever bus, and our bus with them', async () => {
  await makeCompanyBus();
  await makeCompanySource();
  await setUp(THEIRS);
  await setUp(OWN, { environmentName: 'prod' });
  const removed = async (environmentName: string) =>
    (await removeEventBus({ ...target, environmentName })).map(({ did, kind, name }) => `${did} ${kind} ${name}`);
  expect(await removed('staging')).toEqual(
    expect.arrayContaining([`removed rule ${RULE}`, 'removed bus approval-loop-staging']),
  );
  expect(await removed('prod')).toEqual(
    expect.arrayContaining(['removed rule approval-loop-prod-http-dingtalk', 'removed bus approval-loop-prod']),
  );
});
