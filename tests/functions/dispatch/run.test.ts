import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { createGiveUp } from '../../../shared/request/park.ts';
import { FACTS } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const B = 'dingtalk.b';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'), approvalOf('b'));
  await opened.functions.callback('a');
});
afterEach(() => opened.remove());

const dispatch = (id = A) => opened.functions.advance('dispatch', id);
const runs = () => opened.world.cloud.runs.map(({ requestId, invokeId }) => `${requestId} ${invokeId}`);
const started = () => opened.world.events.filter(({ type }) => type === 'ProvisionStarted').map(({ data }) => data);
const LOST = new TransientError('ecs.timeout', 'the answer did not come');

describe('a run', () => {
  test('starts once, is recorded, and notify is told', async () => {
    await dispatch();
    await dispatch();
    expect(runs()).toEqual(['dingtalk.a t-1']);
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'dispatched']);
    expect(await opened.last(A)).toMatchObject({ invoke_id: 't-1' });
    expect(started()).toMatchObject([{ request_id: A, invoke_id: 't-1', instances: ['i-1', 'i-2'] }]);
  });

  test('starts once when two copies of the function take the request up at once', async () => {
    await Promise.all([dispatch(), opened.world.open().advance('dispatch', A), dispatch()]);
    expect(runs()).toEqual(['dingtalk.a t-1']);
  });

  test('whose answer was lost is found by its tag', async () => {
    opened.world.cloud.fail('run', 'after', LOST);
    await expect(dispatch()).rejects.toThrow('the answer did not come');
    expect(await opened.types(A)).toEqual(['accepted', 'planned']);
    await dispatch();
    expect(runs()).toEqual(['dingtalk.a t-1']);
    expect(await opened.last(A)).toMatchObject({ type: 'dispatched', invoke_id: 't-1' });
  });

  test('that did not start is tried again at once', async () => {
    opened.world.cloud.fail('run', 'before', LOST);
    await expect(dispatch()).rejects.toThrow(TransientError);
    await dispatch();
    expect(runs()).toEqual(['dingtalk.a t-1']);
  });

  test.each([
    ['of which nothing is known keeps its lease: it may be on its way', 'ecs.unreachable', 1],
    ['that Cloud Assistant turned away gives its lease back', 'ecs.Throttling.User', 0],
  ])('%s', async (_, code, leases) => {
    opened.world.cloud.fail('run', 'before', new TransientError(code, 'not this time'));
    await expect(dispatch()).rejects.toThrow('not this time');
    expect(await opened.world.work.list('leases/')).toHaveLength(leases);
    await opened.write(A, FACTS.withdrawn);
    await dispatch();
    expect((await opened.last(A))?.type).toBe(leases === 1 ? 'withdrawn' : 'cancelled');
    opened.world.clock.advance(90_000);
    await dispatch();
    expect((await opened.last(A))?.type).toBe('cancelled');
  });

  test('of somebody else that carries the tag is not taken for it', async () => {
    const { cloud } = opened.world;
    await opened.functions.locks.take('emp_id=E123', 'dingtalk.other');
    await dispatch();
    const plan = (await opened.functions.journal.read(A)).facts[1];
    if (plan?.type !== 'planned') throw new Error('there is no plan');
    await cloud.run({ ...plan.input, instances: ['i-9'] });
    await opened.write('dingtalk.other', FACTS.refused);
    await dispatch();
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.a t-2']);
    expect(await opened.last(A)).toMatchObject({ invoke_id: 't-2' });
  });

  test('that is refused for good is refused, and people are told', async () => {
    opened.world.cloud.fail('run', 'before', new PermanentError('ecs.InvalidInstance.NotFound', 'no such instance'));
    await dispatch();
    const refusal = { code: 'run_rejected', values: { error: 'ecs.InvalidInstance.NotFound' } };
    expect(await opened.last(A)).toMatchObject({ type: 'refused', refusal });
    expect(opened.world.events.at(-1)).toMatchObject({ type: 'ProvisionRefused', data: { code: 'run_rejected' } });
    expect(runs()).toEqual([]);
  });

  test('that is refused for good after it has started is a run', async () => {
    opened.world.cloud.fail('run', 'after', new PermanentError('ecs.IdempotentParameterMismatch', 'asked before'));
    await dispatch();
    expect(await opened.last(A)).toMatchObject({ type: 'dispatched', invoke_id: 't-1' });
  });

  test('waits while another one holds its lease, whose holder may be starting it', async () => {
    await opened.functions.leases.take(A, 'run', 90_000);
    await dispatch();
    expect(await opened.types(A)).toEqual(['accepted', 'planned']);
    opened.world.clock.advance(90_000);
    await dispatch();
    expect(runs()).toEqual(['dingtalk.a t-1']);
  });

  test('does not start for a request that was cancelled between reading it and its lease', async () => {
    const slow = opened.world.open(async (name, effect) => {
      if (name === `list leases/${A}/run/`) {
        await opened.write(A, FACTS.withdrawn);
        await dispatch();
      }
      return effect();
    });
    await slow.advance('dispatch', A);
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'withdrawn', 'cancelled']);
    expect(runs()).toEqual([]);
    expect(await opened.world.work.list('leases/')).toEqual([]);
  });
});

describe('a lock', () => {
  beforeEach(() => opened.functions.callback('b'));
  const notice = () => opened.world.work.list(`notices/${B}/`);

  test('makes the second request of a person wait for the end of the first, and says so once', async () => {
    await dispatch();
    await dispatch(B);
    await dispatch(B);
    expect([runs(), await notice()]).toEqual([
      ['dingtalk.a t-1'],
      ['notices/dingtalk.b/waited-2026-09-01', 'notices/dingtalk.b/waiting'],
    ]);
    await opened.functions.advance('notify', B);
    await opened.functions.advance('notify', B);
    expect(opened.world.messages.map(({ title, blocks }) => [title, blocks[0]?.text])).toEqual([
      ['⏳ 新员工入职 · E123 等待中', '- 原因：同一对象的另一个申请（dingtalk.a）完成后会自动继续。'],
    ]);
    opened.world.cloud.finish();
    await opened.functions.advance('notify', A);
    await dispatch(B);
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.b t-2']);
  });

  test('that is held for days costs the next in line no patience when it gets free', async () => {
    await dispatch();
    for (let hours = 0; hours <= 72; hours += 2) {
      await opened.functions.advance('ingest', B);
      await dispatch(B);
      opened.world.clock.advance(2 * 3_600_000);
    }
    opened.world.cloud.finish();
    await opened.functions.advance('notify', A);
    await opened.functions.advance('ingest', B);
    await createGiveUp('dispatch', opened.functions)(B, LOST);
    await dispatch(B);
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.b t-2']);
  });

  test('that gets free is taken by the first to come, also by one that was accepted later; the other runs after it', async () => {
    opened.world.source.put(approvalOf('c'));
    await opened.functions.callback('c');
    for (const id of [A, B, 'dingtalk.c']) await dispatch(id);
    opened.world.cloud.finish();
    await opened.functions.advance('notify', A);
    for (const id of ['dingtalk.c', B]) await dispatch(id);
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.c t-2']);
    opened.world.cloud.finish();
    await opened.functions.advance('notify', 'dingtalk.c');
    await dispatch(B);
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.c t-2', 'dingtalk.b t-3']);
  });

  test('is nobody else’s business', async () => {
    opened.world.source.put(approvalOf('c', { employee: 'E456' }));
    await opened.functions.callback('c');
    await dispatch();
    await dispatch('dingtalk.c');
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.c t-2']);
  });

  test('does not hold up where the workflow has none', async () => {
    await opened.remove();
    opened = await openTemporaryWorld({ lock: undefined });
    opened.world.source.put(approvalOf('a'), approvalOf('b'));
    for (const id of ['a', 'b']) await opened.functions.callback(id);
    await dispatch();
    await dispatch(B);
    expect(runs()).toEqual(['dingtalk.a t-1', 'dingtalk.b t-2']);
  });

  test('keeps no request from being cancelled', async () => {
    await dispatch();
    await dispatch(B);
    await opened.write(B, FACTS.withdrawn);
    await dispatch(B);
    expect((await opened.last(B))?.type).toBe('cancelled');
  });
});

describe('cancelling', () => {
  const withdraw = () => opened.write(A, { ...FACTS.withdrawn, reason: 'not_valid' });

  test('a request that is not planned yet needs no look at Cloud Assistant', async () => {
    await withdraw();
    await dispatch();
    expect(await opened.types(A)).toEqual(['accepted', 'withdrawn', 'cancelled']);
    expect(await opened.last(A)).toMatchObject({ reason: 'not_valid' });
    expect(opened.world.events.at(-1)).toMatchObject({ type: 'ProvisionRefused', data: { code: 'not_valid' } });
    expect(await opened.world.work.list('leases/')).toEqual([]);
  });

  test('waits while somebody holds the lease of the run: it may be starting', async () => {
    await opened.functions.leases.take(A, 'run', 90_000);
    await withdraw();
    await dispatch();
    expect((await opened.last(A))?.type).toBe('withdrawn');
    opened.world.clock.advance(90_000);
    await dispatch();
    expect((await opened.last(A))?.type).toBe('cancelled');
  });

  test('finds a run that has started, which goes on to its end', async () => {
    opened.world.cloud.fail('run', 'after', LOST);
    await expect(dispatch()).rejects.toThrow(TransientError);
    await withdraw();
    await dispatch();
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'withdrawn', 'dispatched']);
    expect(started()).toMatchObject([{ invoke_id: 't-1' }]);
  });

  test('decides nothing while Cloud Assistant cannot be asked', async () => {
    opened.world.cloud.fail('run', 'before', LOST);
    await expect(dispatch()).rejects.toThrow(TransientError);
    await withdraw();
    opened.world.cloud.fail('search', 'before', LOST);
    await expect(dispatch()).rejects.toThrow(TransientError);
    expect((await opened.last(A))?.type).toBe('withdrawn');
  });

  test('happens once, also by two copies of the function', async () => {
    await withdraw();
    await Promise.all([dispatch(), opened.world.open().advance('dispatch', A)]);
    expect(await opened.types(A)).toEqual(['accepted', 'withdrawn', 'cancelled']);
  });
});
