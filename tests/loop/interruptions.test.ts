import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../../local/faults.ts';
import { COMPLETED, form, type Loop, startLoop, type Traces } from './start-loop.ts';

jest.setTimeout(120_000);

function expectOneRun({ facts, runs, messages, left }: Traces): void {
  expect(facts.filter((fact) => fact !== 'dispatched')).toEqual(COMPLETED.filter((fact) => fact !== 'dispatched'));
  expect(runs).toHaveLength(1);
  expect(messages).toHaveLength(1);
  expect(left).toEqual([]);
}

describe('in a cloud that goes on', () => {
  let loop: Loop;
  let employees = 500;
  beforeAll(async () => {
    loop = await startLoop();
  });
  afterEach(() => loop.cloud.faults.clear());
  afterAll(() => loop.close());

  test.each<[string, Fault, number]>([
    ['every event is lost', { kind: 'drop' }, 20],
    ['every event comes twice', { kind: 'double' }, 20],
    ['every event comes five minutes late', { kind: 'delay', ms: 300_000 }, 20],
    ['the answer to every delivery is lost', { kind: 'lose_answer' }, 20],
  ])('one run and one message, although %s', async (_, fault, times) => {
    loop.cloud.faults.add({ service: 'event-bridge', operation: 'deliver', times, fault });
    expectOneRun(await loop.closed(await loop.approve(form(`E${++employees}`))));
  });

  test.each<[string, Fault]>([
    ['comes twice', { kind: 'double' }],
    ['is delayed', { kind: 'delay', ms: 60_000 }],
    ['is answered in vain', { kind: 'lose_answer' }],
  ])('one run and one message, although the callback %s', async (_, fault) => {
    // Every push of the approval: those of its beginning come first.
    loop.cloud.faults.add({ service: 'dingtalk', operation: 'push', times: 20, fault });
    expectOneRun(await loop.closed(await loop.approve(form(`E${++employees}`))));
  });

  test.each([
    ['ingest', 'marker durable'],
    ['ingest', 'accepted'],
    ['dispatch', 'planned'],
    ['dispatch', 'command invoked'],
    ['notify', 'completed'],
    ['notify', 'message delivered'],
  ] as const)('one run and one message, although %s is killed after "%s"', async (name, step) => {
    const approval = await loop.submit(form(`E${++employees}`));
    const reached = loop.logged(step, { request_id: approval.requestId });
    await approval.decide();
    await reached;
    await loop.cloud.functions.killInstances(loop.cloud.names.function(name));
    expectOneRun(await loop.closed(approval));
  });
});

describe('in a cloud that stops and starts again on the same folder', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'loop-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('setup finds everything as it left it, and a user stays', async () => {
    const first = await startLoop({ directory });
    const made = first.cloud.changes.filter(({ kind }) => kind !== 'instance').map(({ did }) => did);
    await first.closed(await first.approve(form('E600')));
    await first.close();
    const second = await startLoop({ directory });
    const found = second.cloud.changes.map(({ kind, name, did }) => `${did} ${kind} ${name}`);
    const passwd = await second.file('/etc/passwd');
    const again = await second.closed(await second.approve(form('E600')));
    await second.close();
    const [instanceId] = second.cloud.state.instance_ids;
    // The tag of an instance is its administrator's business, and there from the beginning.
    expect(new Set(made)).toEqual(new Set(['created', 'sent']));
    expect(found.filter((line) => !line.startsWith('unchanged '))).toEqual([
      `sent script scripts/provision.sh → ${instanceId}:/opt/provision.sh`,
    ]);
    expect(passwd).toMatch(/^e600:/m);
    expect(again.messages[0]?.text).toContain('user = e600');
  });

  test.each(['marker durable', 'accepted', 'planned', 'command invoked', 'completed'])(
    'a request that was cut off after "%s" is finished',
    async (step) => {
      const first = await startLoop({ directory });
      const approval = await first.submit(form('E601'));
      const reached = first.logged(step, { request_id: approval.requestId });
      await approval.decide();
      await reached;
      await first.close();
      const second = await startLoop({ directory });
      const traces = await second.closed(approval);
      await second.close();
      expectOneRun(traces);
    },
  );
});
