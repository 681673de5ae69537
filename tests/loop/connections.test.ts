import type { EventWay } from '../../local/cloud/cloud.ts';
import type { ConnectorProcess } from '../../local/cloud/start-connector.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { countEntries, nextEntry } from './entries.ts';
import { settled } from './settled.ts';
import { type Approval, COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(180_000);

/**
 * Slow enough that DingTalk, which tries three times in 40 s, and Lark, which tries again after 15 s and then not for five
 * minutes, still try when another connection is there.
 */
const PACE = { speed: 2 };

let loop: Loop;
let connector: ConnectorProcess;
let employees = 900;

async function open(eventWays: readonly EventWay[]): Promise<void> {
  loop = await startLoop({ ...PACE, eventWays });
  await startConnector();
}

async function startConnector(): Promise<void> {
  const connected = bothConnected();
  connector = loop.cloud.startConnector();
  await connected;
}

/** Both platforms have a connection that they did not have before. */
async function bothConnected(): Promise<void> {
  await Promise.all(PLATFORM_NAMES.map((platform) => nextEntry(loop.cloud.activity, 'connected', { platform })));
}

function submit(platform: PlatformName): Promise<Approval> {
  const employee = `E${++employees}`;
  return platform === 'dingtalk'
    ? loop.submit(form(employee))
    : loop.submitInLark({ emp_id: employee, role: 'devops' });
}

async function approve(platform: PlatformName): Promise<Approval> {
  const approval = await submit(platform);
  await approval.decide();
  return approval;
}

async function expectOneRun(approval: Approval): Promise<void> {
  const { facts, runs, shown, left } = await settled(loop, approval);
  expect(facts.filter((fact) => fact !== 'dispatched')).toEqual(COMPLETED.filter((fact) => fact !== 'dispatched'));
  expect(runs).toMatchObject([{ status: 'Success', exitCode: 0 }]);
  expect(shown.map(({ title }) => title)).toEqual([expect.stringMatching(/^✅ 新员工入职 · E\d+ 已完成$/)]);
  expect(left).toEqual([]);
}

describe('an app that gets its events over a connection', () => {
  beforeAll(() => open(['connection']));
  afterAll(() => loop.close());

  test.each(PLATFORM_NAMES)('an approval in %s is one run and one message, and no callback comes', async (platform) => {
    const approval = await approve(platform);
    await expectOneRun(approval);
    expect(
      countEntries(loop.cloud.activity, 'marker durable', { function: 'connector', request_id: approval.requestId }),
    ).toBe(1);
    expect(countEntries(loop.cloud.activity, 'callback verified')).toBe(0);
  });

  test.each(['marker durable', 'accepted'])(
    'a connector killed after "%s" of one of several approvals loses none of them',
    async (step) => {
      const approvals = await Promise.all([...PLATFORM_NAMES, ...PLATFORM_NAMES].map(submit));
      const reached = nextEntry(loop.cloud.activity, step, { function: 'connector' });
      const decided = Promise.all(approvals.map((approval) => approval.decide()));
      await reached;
      await connector.kill();
      await decided;
      await startConnector();
      for (const approval of approvals) await expectOneRun(approval);
    },
  );

  test.each(PLATFORM_NAMES)('an event in %s that comes twice is one run and one message', async (platform) => {
    const before = countEntries(loop.cloud.activity, 'event verified');
    loop.cloud.faults.add({ service: platform, operation: 'push', times: 10, fault: { kind: 'double' } });
    await expectOneRun(await approve(platform));
    loop.cloud.faults.clear();
    expect(countEntries(loop.cloud.activity, 'event verified')).toBe(before + 2);
  });

  test('an approval that is decided while no connector runs comes with the next one', async () => {
    await connector.kill();
    const approvals = await Promise.all(PLATFORM_NAMES.map(approve));
    await startConnector();
    for (const approval of approvals) await expectOneRun(approval);
  });

  test('connections that the platform closes again and again lose nothing', async () => {
    const approvals: Approval[] = [];
    for (const _round of ['first', 'second']) {
      const submitted = await Promise.all(PLATFORM_NAMES.map(submit));
      const connected = bothConnected();
      for (const connection of loop.cloud.dingtalk.streamConnections()) connection.leave('connection is expired');
      for (const connection of loop.cloud.lark.longConnections()) connection.leave();
      await Promise.all(submitted.map((approval) => approval.decide()));
      await connected;
      approvals.push(...submitted);
    }
    for (const approval of approvals) await expectOneRun(approval);
  });
});

describe('an approval that is told both by callback and over a connection', () => {
  beforeAll(() => open(['callback', 'connection']));
  afterAll(() => loop.close());

  test.each(PLATFORM_NAMES)('in %s is one run and one message', async (platform) => {
    const approval = await submit(platform);
    const { requestId: request_id } = approval;
    const both = ['connector', 'ingest'].map((name) =>
      nextEntry(loop.cloud.activity, 'marker durable', { function: name, request_id }),
    );
    await approval.decide();
    await Promise.all(both);
    await expectOneRun(approval);
    expect(countEntries(loop.cloud.activity, 'accepted', { request_id })).toBe(1);
  });
});
