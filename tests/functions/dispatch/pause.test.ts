import { TransientError } from '../../../shared/errors.ts';
import { liftPause, type Pause, putPause } from '../../../shared/journal/pauses.ts';
import { createGiveUp } from '../../../shared/request/park.ts';
import { FACTS } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const B = 'dingtalk.b';
const HOUR_MS = 3_600_000;

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'), approvalOf('b'));
});
afterEach(() => opened.remove());

const pause = (workflow: string | null = 'onboarding') => {
  const why: Pause = { kind: 'person', at: opened.world.clock.now(), by: '李四', reason: '机房断电 🙂 [链接](x)' };
  return putPause(opened.world.work, { workflow, pause: why });
};
const resume = (workflow: string | null = 'onboarding') =>
  liftPause(opened.world.work, workflow, opened.world.clock.now());
const dispatch = (id = A) => opened.functions.advance('dispatch', id);
const runs = () => opened.world.cloud.runs.map(({ requestId }) => requestId);
const messages = () => opened.world.messages.map(({ title, blocks }) => [title, blocks[0]?.text]);
async function minute(...ids: string[]): Promise<void> {
  for (const me of ['ingest', 'dispatch', 'notify'] as const)
    for (const id of ids) await opened.functions.advance(me, id);
}

test.each([[null], ['onboarding']])(
  'while %s is paused a request is accepted and planned, and nothing runs',
  async (of) => {
    await pause(of);
    await opened.functions.callback('a');
    await dispatch();
    expect(await opened.types(A)).toEqual(['accepted', 'planned']);
    expect(runs()).toEqual([]);
  },
);

test('the pause of another workflow is nobody’s business', async () => {
  await pause('offboarding');
  await opened.functions.callback('a');
  await dispatch();
  expect(runs()).toEqual([A]);
});

test('the group is told once that it waits, by whom and why, and of the end as ever', async () => {
  await pause();
  await opened.functions.callback('a');
  for (let look = 0; look < 3; look += 1) await minute(A);
  expect(messages()).toEqual([
    ['⏸️ 新员工入职 · E123 已暂停', '- 原因：李四 已暂停执行：机房断电 🙂 [链接](x)。恢复后会自动继续，请勿重复提交。'],
  ]);
  await resume();
  await minute(A);
  opened.world.cloud.finish();
  await minute(A);
  expect(messages().map(([title]) => title)).toEqual(['⏸️ 新员工入职 · E123 已暂停', '✅ 新员工入职 · E123 已完成']);
});

test('a request that was told to wait for another one says that it is paused, too', async () => {
  for (const id of ['a', 'b']) await opened.functions.callback(id);
  await minute(A, B);
  await pause();
  await minute(A, B);
  expect(messages().map(([title]) => title)).toEqual(['⏳ 新员工入职 · E123 等待中', '⏸️ 新员工入职 · E123 已暂停']);
});

test('what nobody has told yet is not told after the resume', async () => {
  await pause();
  await opened.functions.callback('a');
  await dispatch();
  await resume();
  await dispatch();
  await opened.functions.advance('notify', A);
  expect([runs(), messages()]).toEqual([[A], []]);
});

test('a run that has started goes on to its end, and one whose answer was lost is found', async () => {
  for (const id of ['a', 'b']) await opened.functions.callback(id);
  opened.world.cloud.fail('run', 'after', new TransientError('ecs.timeout', 'the answer did not come'));
  await expect(dispatch()).rejects.toThrow('the answer did not come');
  await pause();
  await dispatch();
  expect((await opened.last(A))?.type).toBe('dispatched');
  opened.world.cloud.finish();
  await opened.functions.advance('notify', A);
  await dispatch(B);
  expect([await opened.types(A), runs()]).toEqual([
    ['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed'],
    [A],
  ]);
});

test('while it waits the approval is not read, and after the resume it is read before the run', async () => {
  await opened.functions.callback('a');
  await pause();
  await dispatch();
  const before = opened.world.source.reads.length;
  for (let looks = 0; looks < 36; looks += 1) {
    opened.world.clock.advance(2 * HOUR_MS);
    await minute(A);
  }
  expect([await opened.types(A), opened.world.source.reads.length]).toEqual([['accepted', 'planned'], before]);
  await resume();
  await minute(A);
  expect([await opened.types(A), runs()]).toEqual([['accepted', 'planned', 'confirmed', 'dispatched'], [A]]);
  expect(opened.world.source.reads.length).toBe(before + 1);
});

test('a pause of days uses up nothing of the day that a request has', async () => {
  await opened.functions.callback('a');
  await pause();
  for (let looks = 0; looks < 36; looks += 1) {
    opened.world.clock.advance(2 * HOUR_MS);
    await minute(A);
  }
  await resume();
  opened.world.source.next('a', new TransientError('dingtalk.timeout', 'no answer'));
  await expect(opened.functions.advance('ingest', A)).rejects.toThrow('no answer');
  for (const me of ['ingest', 'dispatch'] as const)
    await createGiveUp(me, opened.functions)(A, new TransientError('dingtalk.timeout', 'no answer'));
  expect((await opened.last(A))?.type).toBe('planned');
  await minute(A);
  expect(runs()).toEqual([A]);
});

test('a request that is revoked while it waits is cancelled, and does not run after the resume', async () => {
  await opened.functions.callback('a');
  await pause();
  await dispatch();
  await opened.write(A, FACTS.withdrawn);
  await minute(A);
  await resume();
  await minute(A);
  expect([(await opened.types(A)).slice(-3), runs()]).toEqual([['cancelled', 'announced', 'closed'], []]);
});

test('a request that waits is cancelled by its own reversal, which has nothing to undo', async () => {
  await opened.functions.callback('a');
  await pause();
  await minute(A);
  opened.world.source.revoke('a', 'r');
  await opened.functions.callback('r');
  await minute('dingtalk.r', `${A}.revoke`, A);
  expect((await opened.types(A)).slice(-4)).toEqual(['withdrawn', 'cancelled', 'announced', 'closed']);
  expect((await opened.functions.journal.read(`${A}.revoke`)).facts[1]).toMatchObject({
    type: 'refused',
    refusal: { code: 'revoked_in_time' },
  });
  await resume();
  await minute(A, `${A}.revoke`);
  expect(runs()).toEqual([]);
});

describe('a reversal', () => {
  beforeEach(async () => {
    await opened.functions.callback('a');
    await dispatch();
    opened.world.cloud.finish();
    await opened.functions.advance('notify', A);
    opened.world.source.revoke('a', 'r');
  });

  test('goes through a pause: it takes rights away', async () => {
    await pause(null);
    await opened.functions.callback('r');
    await minute('dingtalk.r', `${A}.revoke`);
    expect(runs()).toEqual([A, `${A}.revoke`]);
  });

  test('also past a request for the same person that had its turn before the pause', async () => {
    await opened.functions.callback('b');
    opened.world.cloud.fail('run', 'before', new TransientError('ecs.Throttling', 'not now'));
    await expect(dispatch(B)).rejects.toThrow('not now');
    expect(await opened.functions.locks.holder('emp_id=E123')).toBe(B);
    await pause();
    await dispatch(B);
    expect(await opened.functions.locks.holder('emp_id=E123')).toBeUndefined();
    await opened.functions.callback('r');
    await minute('dingtalk.r', `${A}.revoke`);
    expect(runs()).toEqual([A, `${A}.revoke`]);
    // The one that waits has its turn after both.
    await resume();
    await dispatch(B);
    expect(runs()).toEqual([A, `${A}.revoke`]);
    opened.world.cloud.finish();
    await minute(`${A}.revoke`, B);
    await dispatch(B);
    expect(runs()).toEqual([A, `${A}.revoke`, B]);
  });
});

test('a store that cannot be asked starts nothing, and the lease is given back', async () => {
  await opened.functions.callback('a');
  const broken = opened.world.open(async (name, effect) => {
    if (name === 'get pauses/all') throw new TransientError('oss.timeout', 'no answer');
    return effect();
  });
  await expect(broken.advance('dispatch', A)).rejects.toThrow('no answer');
  expect([runs(), await opened.world.work.list('leases/')]).toEqual([[], []]);
  await dispatch();
  expect(runs()).toEqual([A]);
});
