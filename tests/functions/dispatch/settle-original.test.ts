import { settleOriginal } from '../../../functions/dispatch/settle-original.ts';
import { TransientError } from '../../../shared/errors.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { FACTS, instanceResult } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';
import type { Functions } from '../world/world.ts';

const A = 'dingtalk.a';
const RETRY = 'dingtalk.a.retry-1';
const REVOKE = 'dingtalk.a.revoke';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
});
afterEach(() => opened.remove());

const settle = (functions: Functions = opened.functions, id = REVOKE) =>
  settleOriginal(id, functions, functions.dispatchSteps.cancel);

const completed = (...statuses: ('Success' | 'Failed' | 'Timeout' | 'Aborted' | 'Invalid' | 'Cancelled')[]): Fact => ({
  ...FACTS.completed,
  instances: statuses.map((status, index) => instanceResult({ instance_id: `i-${index + 1}`, status })),
});
const RAN: Fact[] = [FACTS.accepted, FACTS.planned, FACTS.dispatched];

test.each<[string, Fact[], unknown, string]>([
  ['accepted', [FACTS.accepted], { state: 'never ran', code: 'revoked_in_time' }, 'cancelled'],
  ['planned', [FACTS.accepted, FACTS.planned], { state: 'never ran', code: 'revoked_in_time' }, 'cancelled'],
  [
    'confirmed',
    [FACTS.accepted, FACTS.planned, FACTS.confirmed],
    { state: 'never ran', code: 'revoked_in_time' },
    'cancelled',
  ],
  [
    'withdrawn already',
    [FACTS.accepted, FACTS.withdrawn],
    { state: 'never ran', code: 'revoked_in_time' },
    'cancelled',
  ],
  [
    'cancelled already',
    [FACTS.accepted, FACTS.cancelled],
    { state: 'never ran', code: 'revoked_in_time' },
    'cancelled',
  ],
  ['running', RAN, { state: 'running' }, 'dispatched'],
  ['refused', [FACTS.accepted, FACTS.refused], { state: 'never ran', code: 'nothing_to_undo' }, 'refused'],
  ['parked before its plan', [FACTS.accepted, FACTS.parked], { state: 'never ran', code: 'nothing_to_undo' }, 'parked'],
  [
    'parked before its run was recorded, which may have begun',
    [FACTS.accepted, FACTS.planned, FACTS.parked],
    { state: 'ran', instances: ['i-1'] },
    'parked',
  ],
  ['parked while it ran', [...RAN, FACTS.parked], { state: 'ran', instances: ['i-1'] }, 'parked'],
  ['completed', [...RAN, completed('Success', 'Failed')], { state: 'ran', instances: ['i-1', 'i-2'] }, 'completed'],
  [
    'closed',
    [...RAN, completed('Success'), FACTS.announced, FACTS.closed],
    { state: 'ran', instances: ['i-1'] },
    'closed',
  ],
])('a request that is %s', async (_, facts, original, last) => {
  await opened.write(A, ...facts);
  expect(await settle()).toEqual(original);
  expect((await opened.last(A))?.type).toBe(last);
});

test.each<[string, Fact, unknown]>([
  [
    'on the instances on which it did something, whether it succeeded or not',
    completed('Aborted', 'Timeout', 'Invalid', 'Success', 'Cancelled', 'Failed'),
    { state: 'ran', instances: ['i-2', 'i-4', 'i-6'] },
  ],
  [
    'nowhere, where it reached no instance',
    completed('Aborted', 'Invalid', 'Cancelled'),
    { state: 'never ran', code: 'nothing_to_undo' },
  ],
])('a run is undone %s', async (_, fact, original) => {
  await opened.write(A, ...RAN, fact);
  expect(await settle()).toEqual(original);
});

describe('attempts that people asked for', () => {
  test.each<[string, Fact[], Fact[], unknown]>([
    [
      'count with the first',
      [...RAN, completed('Success', 'Aborted')],
      [...RAN, completed('Aborted', 'Success')],
      { state: 'ran', instances: ['i-1', 'i-2'] },
    ],
    [
      'are undone where the first did nothing',
      [FACTS.accepted, FACTS.parked],
      [...RAN, completed('Success')],
      { state: 'ran', instances: ['i-1'] },
    ],
    ['are waited for while they run', [...RAN, completed('Success')], RAN, { state: 'running' }],
    [
      'are cancelled when they have not run',
      [...RAN, completed('Success')],
      [FACTS.accepted],
      { state: 'ran', instances: ['i-1'] },
    ],
    [
      'were revoked in time when nothing has run',
      [FACTS.accepted, FACTS.parked],
      [FACTS.accepted],
      { state: 'never ran', code: 'revoked_in_time' },
    ],
  ])('%s', async (_, first, second, original) => {
    await opened.write(A, ...first);
    await opened.write(RETRY, ...second);
    expect(await settle()).toEqual(original);
    expect(await settle(opened.functions, `${REVOKE}.retry-2`)).toEqual(original);
  });

  test('are waited for while nobody has decided on them: they may be accepted', async () => {
    await opened.write(A, ...RAN, completed('Success'));
    await opened.mark('a', { request_id: RETRY });
    expect(await settle()).toEqual({ state: 'running' });
    await opened.write(RETRY, FACTS.refused);
    expect(await settle()).toEqual({ state: 'ran', instances: ['i-1'] });
  });

  test('end at the first number that was not asked for', async () => {
    await opened.write(A, ...RAN, completed('Success'));
    await opened.write('dingtalk.a.retry-2', ...RAN, completed('Aborted', 'Success'));
    expect(await settle()).toEqual({ state: 'ran', instances: ['i-1'] });
  });
});

describe('at the same moment as another copy of the function', () => {
  beforeEach(async () => {
    opened.world.source.put(approvalOf('a'));
    await opened.functions.callback('a');
  });
  const runs = () => opened.world.cloud.runs.map(({ requestId }) => requestId);

  /** A dispatch of the reversal that is held up before this effect, while `meanwhile` happens. */
  function heldUp(before: string, meanwhile: () => Promise<unknown>): Functions {
    let once = false;
    return opened.world.open(async (name, effect) => {
      if (name === before && !once) {
        once = true;
        await meanwhile();
      }
      return effect();
    });
  }

  test('a request that is planned just before it is withdrawn is cancelled all the same', async () => {
    await opened.functions.locks.take('emp_id=E123', 'dingtalk.other');
    const reversal = heldUp(`create records/${A}/0002.json`, () => opened.functions.advance('dispatch', A));
    expect(await settle(reversal)).toEqual({ state: 'never ran', code: 'revoked_in_time' });
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'withdrawn', 'cancelled']);
  });

  test('a run that starts just before it is withdrawn is waited for', async () => {
    const reversal = heldUp(`create records/${A}/0002.json`, () => opened.functions.advance('dispatch', A));
    expect(await settle(reversal)).toEqual({ state: 'running' });
    expect([await opened.types(A), runs()]).toEqual([['accepted', 'planned', 'dispatched'], [A]]);
  });

  test('a run that is just being started is waited for until its lease ends, and then found', async () => {
    const lost = new TransientError('ecs.timeout', 'lost');
    opened.world.cloud.fail('run', 'after', lost);
    await expect(opened.functions.advance('dispatch', A)).rejects.toThrow(lost);
    await opened.functions.leases.take(A, 'run', 90_000);
    expect(await settle()).toEqual({ state: 'running' });
    opened.world.clock.advance(90_000);
    expect(await settle()).toEqual({ state: 'running' });
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'withdrawn', 'dispatched']);
  });
});
