import { ListUserDefinedRequest } from '@alicloud/eventbridge';
import { z } from 'zod';
import { createEventBridgeClient } from '../../setup/event-bridge-client.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog } from '../../shared/log.ts';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(180_000);

const SPEED = 20;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAILY = 30;
const HTTP_SOURCE = {
  daily_lookups: DAILY,
  dingtalk: { instance_id: 'body.审批.实例' },
  lark: { instance_id: 'body.instance_code', code: 'body.approval_code' },
};

let root: OtherRoot;
let loop: Loop;
/** Approvals that were read from DingTalk by their id. */
let reads: (string | null)[];
let employees = 900;

beforeAll(async () => {
  root = await makeRoot((file) => ({ ...file, http_source: HTTP_SOURCE }));
});
afterEach(() => loop.cloud.faults.clear());
afterAll(() => root.remove());

/** A cloud whose time begins so long before an hour, at which ingest compares its list with the platforms'. */
async function openLoop(beforeHourMs: number): Promise<void> {
  const now = Date.now();
  const hours = Math.ceil(now / HOUR_MS) + 1;
  // Not the last one of a day, with which the look-ups of the next one begin.
  const start = (hours % 24 === 0 ? hours + 1 : hours) * HOUR_MS - beforeHourMs;
  loop = await startLoop({ root: root.root, speed: SPEED, clockOrigin: now - (start - now) / (SPEED - 1) });
  for (const platform of ['dingtalk', 'lark']) await loop.logged('reconciled', { platform });
  reads = [];
  loop.cloud.faults.use({
    async onCall({ service, request, caller }) {
      const id = request.query.get('processInstanceId');
      if (service === 'dingtalk' && request.method === 'GET' && (await caller())) reads.push(id);
      return undefined;
    },
    onDeed: () => undefined,
  });
}

/** The URL that a flow posts to, as the console shows it. */
async function urlOf(source: string): Promise<string> {
  const { region, state, endpoints, names } = loop.cloud;
  const clock = createSystemClock();
  const client = createEventBridgeClient({
    environmentName: 'dev',
    region,
    accountId: state.account_id,
    credentials: { accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret },
    endpoints: { eventBridge: `http://${endpoints.event_bridge}` },
    clock,
    log: createLog({ clock, write: () => undefined }),
  });
  const { eventSources } = await client.listUserDefinedEventSources(
    new ListUserDefinedRequest({ eventBusName: names.bus, limit: 100 }),
  );
  const found = eventSources?.find(({ name }) => name === source);
  return found?.sourceHttpEventResponse.publicWebHookUrl?.[0] ?? '';
}

const answerSchema = z.object({ FailedEntryCount: z.number().default(1) });

/** The status; a refusal inside an answer of 200 counts as 400. */
async function postTo(source: string, body: unknown, contentType = 'application/json'): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': contentType };
  const answer = await fetch(await urlOf(source), { method: 'POST', headers, body: text });
  const { FailedEntryCount } = answerSchema.parse(await answer.json());
  return FailedEntryCount === 0 ? answer.status : Math.max(answer.status, 400);
}
const post = (id: unknown) => postTo('dingtalk.http', { 标题: '入职 🚀', 审批: { 实例: id } });

function loseCallbacks(): void {
  for (const service of ['dingtalk', 'lark'] as const)
    loop.cloud.faults.add({ service, operation: 'push', times: 1000, fault: { kind: 'drop' } });
}
const nextForm = () => form(`E${++employees}`);

describe('within the hour', () => {
  beforeAll(() => openLoop(HOUR_MS));
  afterAll(() => loop.close());

  test('an approval of DingTalk that only the flow tells runs once', async () => {
    const approval = await loop.submit(nextForm());
    loseCallbacks();
    await approval.decide();
    expect(await post(approval.instanceId)).toBe(200);
    await loop.logged('hint verified', { request_id: approval.requestId });
    const { facts, runs, messages, left } = await loop.closed(approval);
    expect(facts).toEqual(COMPLETED);
    expect(runs).toHaveLength(1);
    expect(messages).toHaveLength(1);
    expect(left).toEqual([]);
  });

  test('an approval of Lark that only the flow tells runs once', async () => {
    const approval = await loop.submitInLark({ emp_id: `E${++employees}`, role: 'devops' });
    loseCallbacks();
    await approval.decide();
    const approval_code = loop.cloud.workflows.workflows['onboarding']?.on.lark?.approval_code;
    expect(await postTo('lark.http', { instance_code: approval.instanceId, approval_code })).toBe(200);
    await loop.logged('hint verified', { request_id: approval.requestId });
    const { facts, runs } = await loop.closed(approval);
    expect({ facts, runs: runs.length }).toEqual({ facts: COMPLETED, runs: 1 });
  });

  test('an approval that callback and flow tell, the flow before, after and twice, runs once', async () => {
    const approval = await loop.submit(nextForm());
    expect(await post(approval.instanceId)).toBe(200);
    await approval.decide();
    await post(approval.instanceId);
    const closed = await loop.closed(approval);
    await post(approval.instanceId);
    await loop.logged('hint ignored', { request_id: approval.requestId, reason: 'the approval is known' });
    expect({ facts: closed.facts, runs: closed.runs.length }).toEqual({ facts: COMPLETED, runs: 1 });
    expect((await loop.traces(approval.requestId)).runs).toHaveLength(1);
  });

  test('one that the flow tells before it is granted is asked about again, and runs', async () => {
    const approval = await loop.submit(nextForm());
    loseCallbacks();
    const read = loop.logged('hint not decided yet', { request_id: approval.requestId });
    await post(approval.instanceId);
    await read;
    await approval.decide();
    const { facts, runs } = await loop.closed(approval);
    expect({ facts, runs: runs.length }).toEqual({ facts: COMPLETED, runs: 1 });
  });

  test('what names no approval of ours costs one look-up or none, tells nobody and leaves no record', async () => {
    const refused = await loop.submit(nextForm());
    loseCallbacks();
    await refused.decide('lisi', 'refuse');
    const unknown = 'AnotherTenant-0123456789';
    const [readBefore, messagesBefore] = [reads.length, loop.cloud.dingtalk.messages().length];
    for (const id of ['入职 🚀', '', '../open', 'a'.repeat(65), 7, null, ['x'], { 实例: 'x' }]) await post(id);
    for (const body of ['not JSON', '[1]', '{"审批":', '"text"']) await postTo('dingtalk.http', body);
    await postTo('dingtalk.http', JSON.stringify({ 审批: { 实例: refused.instanceId } }), 'text/plain');
    expect(await postTo('dingtalk.http', { 审批: { 实例: unknown }, more: '大'.repeat(30_000) })).toBe(400);
    await postTo('lark.http', { instance_code: 'x', approval_code: '没有这个模板 🚀' });
    await loop.logged('hint ignored', { reason: 'no workflow starts on template 没有这个模板 🚀' });
    for (let times = 0; times < 3; times += 1) await post(unknown);
    for (let times = 0; times < 3; times += 1) await post(refused.instanceId);
    const reasons = (id: string, reason: string) =>
      loop.logged('hint ignored', { request_id: `dingtalk.${id}`, reason });
    await reasons(unknown, 'the platform does not give us this approval');
    await reasons(refused.instanceId, 'the approval is not approved');
    await reasons(unknown, 'the approval was asked about today');
    await reasons(refused.instanceId, 'the approval was asked about today');
    expect(reads.filter((id) => id === unknown)).toHaveLength(1);
    expect(reads.filter((id) => id === refused.instanceId)).toHaveLength(1);
    expect(new Set(reads.slice(readBefore))).toEqual(new Set([unknown, refused.instanceId]));
    expect(loop.cloud.dingtalk.messages()).toHaveLength(messagesBefore);
    expect((await loop.work.listV2({ prefix: 'open/', 'max-keys': '10' })).objects ?? []).toEqual([]);
  });

  test('without the token nothing gets to the bus', async () => {
    const url = new URL(await urlOf('dingtalk.http'));
    url.searchParams.set('token', 'guessed');
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 409,
      body: { code: 'PutEventsRequestSecurityCheckFailed' },
    });
  });
});

describe('towards the hour', () => {
  beforeAll(() => openLoop(10 * MINUTE_MS));
  afterAll(() => loop.close());

  test('a flood costs the look-ups of one day; approvals behind it come by their callbacks or are found at the hour', async () => {
    const ids = Array.from({ length: 3 * DAILY }, (_, index) => `flood-${index}`);
    await Promise.all(ids.map(post));
    await loop.logged('hint refused', { alarm: 'hints_refused' });
    expect(reads).toHaveLength(DAILY);
    const called = await loop.approve(nextForm());
    expect((await loop.closed(called)).runs).toHaveLength(1);
    const found = await loop.submit(nextForm());
    loseCallbacks();
    await found.decide();
    await post(found.instanceId);
    await loop.logged('hint refused', { request_id: found.requestId });
    await loop.logged('recovered an approval whose callback never came', { request_id: found.requestId });
    expect((await loop.closed(found)).runs).toHaveLength(1);
    expect(reads.filter((id) => id?.startsWith('flood-'))).toHaveLength(DAILY);
  });
});
