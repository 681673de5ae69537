import { FACTS, instanceResult } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const REVOKE = 'dingtalk.a.revoke';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
});
afterEach(() => opened.remove());

const dispatch = (id: string) => opened.functions.advance('dispatch', id);
/** The revocation of the approval is granted, and the reversal accepted. */
async function revoke(): Promise<void> {
  opened.world.source.revoke('a', 'r');
  await opened.functions.callback('r');
  await opened.functions.advance('ingest', REVOKE);
}
async function planOf(id: string) {
  const planned = (await opened.functions.journal.read(id)).facts.find((fact) => fact.type === 'planned');
  if (planned?.type !== 'planned') throw new Error(`${id} has no plan`);
  return planned.input;
}

test('a plan is frozen with the id of its command, and changes no more', async () => {
  await opened.functions.locks.take('emp_id=E123', 'dingtalk.other');
  await dispatch(A);
  const input = await planOf(A);
  expect(input).toMatchObject({
    operation: 'InvokeCommand',
    command_id: `c-${input.command_name}`,
    instances: ['i-1', 'i-2'],
    parameters: { emp_id: 'E123', request_id: A },
    timeout_seconds: 60,
  });
  opened.world.cloud.missing.add(input.command_name);
  await dispatch(A);
  expect(await opened.types(A)).toEqual(['accepted', 'planned']);
});

test('a command that does not exist is refused by its name', async () => {
  await opened.functions.locks.take('emp_id=E123', 'dingtalk.other');
  await dispatch(A);
  const { command_name } = await planOf(A);
  opened.world.cloud.missing.add(command_name);
  opened.world.source.put(approvalOf('b'));
  await opened.functions.callback('b');
  await dispatch('dingtalk.b');
  expect(await opened.last('dingtalk.b')).toMatchObject({
    type: 'refused',
    workflow: 'onboarding',
    refusal: { code: 'command_missing', values: { command: command_name } },
    requester: { id: 'zhangsan' },
  });
});

test('an attempt for some instances is planned for those', async () => {
  const accepted = { ...FACTS.accepted, request: { ...FACTS.accepted.request, instances: ['i-2'] } };
  await opened.write('dingtalk.x.retry-1', accepted);
  await dispatch('dingtalk.x.retry-1');
  expect((await planOf('dingtalk.x.retry-1')).instances).toEqual(['i-2']);
});

test('what was never accepted has no plan', async () => {
  await dispatch('dingtalk.forged');
  expect(await opened.types('dingtalk.forged')).toEqual([]);
  const chain = await opened.functions.journal.read('dingtalk.forged');
  await expect(opened.functions.dispatchSteps.plan(chain)).rejects.toThrow('there is no accepted record to plan from');
});

describe('a reversal', () => {
  test('before the run cancels it and has nothing to undo', async () => {
    await revoke();
    await dispatch(REVOKE);
    await dispatch(A);
    expect(await opened.types(A)).toEqual(['accepted', 'withdrawn', 'cancelled']);
    expect(await opened.last(REVOKE)).toMatchObject({ type: 'refused', refusal: { code: 'revoked_in_time' } });
    expect(opened.world.cloud.runs).toEqual([]);
  });

  test('during the run waits for its end, and undoes it then', async () => {
    await dispatch(A);
    await revoke();
    await dispatch(REVOKE);
    expect(await opened.types(REVOKE)).toEqual(['accepted']);
    expect(await opened.world.work.list(`notices/${REVOKE}/`)).toEqual([`notices/${REVOKE}/waited-2026-09-01`]);
    opened.world.cloud.finish();
    await opened.functions.advance('notify', A);
    await dispatch(REVOKE);
    expect(await opened.types(REVOKE)).toEqual(['accepted', 'planned', 'dispatched']);
  });

  test('after the run undoes what it did, where it did it, in its name', async () => {
    await dispatch(A);
    opened.world.cloud.finish({ instances: { 'i-1': 'Aborted' } });
    await opened.functions.advance('notify', A);
    await revoke();
    await dispatch(REVOKE);
    expect(await planOf(REVOKE)).toMatchObject({
      operation: 'RunCommand',
      instances: ['i-2'],
      parameters: { emp_id: 'E123', request_id: A },
      tags: { 'approval-loop-request': REVOKE, 'approval-loop-environment': 'dev' },
    });
    expect(opened.world.cloud.runs.map(({ requestId }) => requestId)).toEqual([A, REVOKE]);
  });

  test('of a run that reached no instance has nothing to undo', async () => {
    await dispatch(A);
    opened.world.cloud.finish({ status: 'Aborted' });
    await opened.functions.advance('notify', A);
    await revoke();
    await dispatch(REVOKE);
    expect(await opened.last(REVOKE)).toMatchObject({ type: 'refused', refusal: { code: 'nothing_to_undo' } });
  });

  test('undoes all attempts together', async () => {
    await opened.write(A, FACTS.planned, { ...FACTS.completed, instances: [instanceResult({ instance_id: 'i-1' })] });
    await opened.write('dingtalk.a.retry-1', FACTS.accepted, FACTS.planned, {
      ...FACTS.completed,
      instances: [instanceResult({ instance_id: 'i-2' })],
    });
    await revoke();
    await dispatch(REVOKE);
    expect((await planOf(REVOKE)).instances).toEqual(['i-1', 'i-2']);
  });
});
