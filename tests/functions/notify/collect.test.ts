import { FACTS } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
/** The run's time-out of 60 seconds and an hour. */
const LAST_MOMENT_MS = 3_660_000;

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
});
afterEach(() => opened.remove());

const collect = () => opened.functions.advance('notify', A);
const start = () => opened.functions.advance('dispatch', A);
const run = (index = 0) => {
  const found = opened.world.cloud.runs[index];
  if (!found) throw new Error('nothing has run');
  return found;
};
const ended = (event = run().invokeId) => opened.functions.advanceInvocation(event);
const alarms = () =>
  opened.world.entries.filter(({ fields }) => fields['alarm'] === 'run_differs').map(({ message }) => message);

test('a run that goes on is left alone, until its last moment', async () => {
  await start();
  await collect();
  opened.world.clock.advance(LAST_MOMENT_MS - 1);
  await collect();
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'dispatched']);
  opened.world.clock.advance(1);
  await collect();
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'dispatched', 'parked', 'announced', 'closed']);
  expect((await opened.functions.journal.read(A)).facts[3]).toMatchObject({
    step: 'collect',
    code: 'run_without_end',
    message: 'Cloud Assistant shows the run as going on long after its time-out',
  });
  expect(opened.world.messages.map(({ title }) => title)).toEqual(['⚠️ 新员工入职 · E123 未能完成，需要运维人员处理']);
});

test('a run that Cloud Assistant does not know any more is lost at its last moment', async () => {
  await start();
  opened.world.cloud.forgotten.add(run().invokeId);
  opened.world.clock.advance(LAST_MOMENT_MS - 1);
  await collect();
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'dispatched']);
  opened.world.clock.advance(1);
  await collect();
  expect((await opened.functions.journal.read(A)).facts[3]).toMatchObject({
    code: 'result_lost',
    message: 'Cloud Assistant does not know the run any more',
  });
});

test('a run that has ended by its last moment is completed, however late', async () => {
  await start();
  opened.world.cloud.finish();
  opened.world.clock.advance(10 * LAST_MOMENT_MS);
  await collect();
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed']);
});

test('a run is completed when every instance has ended, by the worst of them', async () => {
  await start();
  opened.world.cloud.finish({ instances: { 'i-2': 'Running' } });
  await collect();
  expect((await opened.last(A))?.type).toBe('dispatched');
  run().status = 'Running';
  opened.world.cloud.finish({ instances: { 'i-2': 'Timeout' } });
  await collect();
  const completed = (await opened.functions.journal.read(A)).facts[3];
  expect(completed).toMatchObject({
    type: 'completed',
    status: 'PartialFailed',
    instances: [
      { instance_id: 'i-1', status: 'Success', exit_code: 0 },
      { instance_id: 'i-2', status: 'Timeout', exit_code: null },
    ],
  });
});

describe('the end of a run whose start is not recorded', () => {
  /** The run starts, and dispatch is gone before it can write that down. */
  const startUnseen = async () => {
    opened.world.cloud.fail('run', 'after', new Error('the connection broke'));
    await expect(start()).rejects.toThrow('the connection broke');
    opened.world.cloud.finish();
  };

  test('is recorded after planned', async () => {
    await startUnseen();
    await ended();
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'completed', 'announced', 'closed']);
  });

  test('is recorded when the approval would have to be read again first', async () => {
    await startUnseen();
    opened.world.clock.advance(600_001);
    await ended();
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'completed', 'announced', 'closed']);
  });

  test('is recorded after the request was withdrawn', async () => {
    await startUnseen();
    await opened.write(A, FACTS.withdrawn);
    await ended();
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'withdrawn', 'completed', 'announced', 'closed']);
  });

  test.each<[string, 'cancelled' | 'parked' | 'refused']>([
    ['cancelled', 'cancelled'],
    ['parked', 'parked'],
    ['refused', 'refused'],
  ])('is not recorded any more once the request is %s', async (_, type) => {
    await startUnseen();
    await opened.write(A, FACTS[type]);
    await ended();
    expect(await opened.types(A)).toEqual(['accepted', 'planned', type, 'announced', 'closed']);
  });
});

describe('an event', () => {
  test('about a run that nobody knows changes nothing', async () => {
    await start();
    await ended('t-99');
    expect((await opened.last(A))?.type).toBe('dispatched');
  });

  test('about a run that goes on changes nothing', async () => {
    await start();
    await ended();
    expect((await opened.last(A))?.type).toBe('dispatched');
  });

  test.each<[string, Record<string, string>]>([
    ['another environment', { 'approval-loop-environment': 'prod' }],
    ['no request', { 'approval-loop-request': 'x' }],
  ])('about a run of %s changes nothing', async (_, tags) => {
    await start();
    const { input } = run();
    await opened.world.cloud.run({ ...input, tags: { ...input.tags, ...tags } });
    opened.world.cloud.finish();
    await ended(run(1).invokeId);
    expect((await opened.last(A))?.type).toBe('dispatched');
    expect(alarms()).toEqual([]);
  });

  test('about a run that names the request and is not its plan raises an alarm and is not its end', async () => {
    await opened.functions.locks.take('emp_id=E123', 'dingtalk.other');
    await start();
    const plan = (await opened.functions.journal.read(A)).facts[1];
    if (plan?.type !== 'planned') throw new Error('there is no plan');
    await opened.world.cloud.run({ ...plan.input, parameters: { ...plan.input.parameters, emp_id: 'E999' } });
    opened.world.cloud.finish();
    await ended();
    expect(await opened.types(A)).toEqual(['accepted', 'planned']);
    expect(alarms()).toEqual(['an invocation does not equal the plan of the request it names']);
  });
});
