import { TransientError } from '../../../shared/errors.ts';
import type { Approval } from '../../../shared/platforms/platform.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { FACTS, instanceResult } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
});
afterEach(() => opened.remove());

const A = 'dingtalk.a';
const accept = (id = A) => opened.functions.advance('ingest', id);
const refusal = (code: string) => ({ type: 'refused', refusal: { code } });

test('a granted approval is accepted with what its form says, and dispatch is told', async () => {
  opened.world.source.put(approvalOf('a'));
  await opened.mark('a');
  await accept();
  const request = {
    request_id: A,
    workflow: 'onboarding',
    action: 'provision',
    platform: 'dingtalk',
    tenant: 'ding-corp',
    approval: { instance_id: 'a', code: 'PROC-1', title: '张三提交的入职', number: '202609011000' },
    requester: { id: 'zhangsan', name: '张三' },
    approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
    parameters: { emp_id: 'E123' },
  };
  expect(await opened.last(A)).toEqual({ type: 'accepted', at: '2026-09-01T02:00:00.000Z', request });
  expect(opened.world.events).toEqual([{ type: 'ProvisionRequest', source: 'dingtalk.approval', data: request }]);
});

test('without a marker there is nothing to accept', async () => {
  opened.world.source.put(approvalOf('a'));
  await accept();
  expect([await opened.types(A), opened.world.source.reads]).toEqual([[], []]);
});

test('an approval that the platform still shows as running is waited for, for ten minutes', async () => {
  opened.world.source.put(approvalOf('a', { state: 'pending' }));
  await opened.mark('a');
  await expect(accept()).rejects.toThrow(TransientError);
  opened.world.clock.advance(600_000);
  await accept();
  expect(await opened.last(A)).toMatchObject(refusal('not_approved'));
});

describe('a revocation', () => {
  const revocation = (changes: Partial<Approval> = {}) =>
    approvalOf('r', { kind: 'revocation', about: 'a', ...changes });

  test('is carried out as the reversal of what it is about, under a name of its own', async () => {
    opened.world.source.put(revocation());
    await opened.mark('r');
    await accept('dingtalk.r');
    expect(await opened.last('dingtalk.r')).toMatchObject({ type: 'redirected', to: 'dingtalk.a.revoke' });
    expect(await opened.functions.markers.get('dingtalk.a.revoke')).toEqual({
      request_id: 'dingtalk.a.revoke',
      platform: 'dingtalk',
      instance_id: 'a',
      code: 'PROC-1',
      received_at: opened.world.clock.now(),
      revocation: 'r',
    });
    expect(opened.world.events).toEqual([]);
  });

  test.each<[string, object]>([
    ['people are to decide what becomes of it', { on_revoke: 'ask' }],
    ['nothing undoes the run', { on_revoke: 'ask', revoke: undefined }],
    ['nothing undoes the run, whatever is to happen then', { on_revoke: 'auto', revoke: undefined }],
  ])('is refused, and people are told, where %s', async (_, workflows) => {
    await opened.remove();
    opened = await openTemporaryWorld(workflows);
    opened.world.source.put(revocation());
    await opened.mark('r');
    await accept('dingtalk.r');
    expect(await opened.last('dingtalk.r')).toMatchObject(refusal('not_original'));
    expect(await opened.functions.markers.list()).toEqual(['dingtalk.r']);
  });

  test.each<[string, Partial<Approval>, string]>([
    ['that nobody agreed to', { approvers: [] }, 'no_approver'],
    ['that was turned down', { state: 'not approved' }, 'not_approved'],
  ])('%s is refused by its own name, and one that is granted later still counts', async (_, changes, code) => {
    opened.world.source.put(revocation(changes), approvalOf('r2', { kind: 'revocation', about: 'a' }));
    for (const id of ['r', 'r2']) {
      await opened.mark(id);
      await accept(`dingtalk.${id}`);
    }
    expect(await opened.last('dingtalk.r')).toMatchObject(refusal(code));
    expect(await opened.last('dingtalk.r2')).toMatchObject({ type: 'redirected', to: 'dingtalk.a.revoke' });
    expect(await opened.functions.markers.get('dingtalk.a.revoke')).toMatchObject({ revocation: 'r2' });
  });

  test.each<[string, Partial<Approval>]>([
    ['of nothing that the platform names', { about: undefined }],
    ['that is a modification', { kind: 'modification' }],
  ])('%s is refused', async (_, changes) => {
    opened.world.source.put(revocation(changes));
    await opened.mark('r');
    await accept('dingtalk.r');
    expect(await opened.last('dingtalk.r')).toMatchObject(refusal('not_original'));
  });
});

describe('an approval to which another one is attached', () => {
  test.each<[string, Partial<Approval>, string]>([
    ['a revocation that is granted', { kind: 'revocation' }, 'refused'],
    ['a revocation that is not decided', { kind: 'revocation', state: 'pending' }, 'accepted'],
    ['a revocation that is turned down', { kind: 'revocation', state: 'not approved' }, 'accepted'],
    ['a modification that is granted', { kind: 'modification' }, 'accepted'],
  ])('%s, is %s', async (_, changes, type) => {
    opened.world.source.put(approvalOf('a', { attached: ['r'] }), approvalOf('r', { about: 'a', ...changes }));
    await opened.mark('a');
    await accept();
    expect(await opened.last(A)).toMatchObject(type === 'refused' ? refusal('revoked_before') : { type });
  });

  test('does not run where people decide about revocations either', async () => {
    await opened.remove();
    opened = await openTemporaryWorld({ on_revoke: 'ask' });
    opened.world.source.put(approvalOf('a'));
    opened.world.source.revoke('a', 'r');
    await opened.mark('a');
    await accept();
    expect(await opened.last(A)).toMatchObject(refusal('revoked_before'));
  });

  test('is decided by the last five of many', async () => {
    opened.world.source.put(approvalOf('a'), ...['1', '2', '3', '4', '5', '6'].map((id) => approvalOf(id)));
    for (const id of ['1', '2', '3', '4', '5', '6'])
      opened.world.source.revoke('a', id, { state: id === '6' ? 'approved' : 'not approved' });
    await opened.mark('a');
    await accept();
    expect(opened.world.source.reads).toEqual(['a', '2', '3', '4', '5', '6']);
    expect(await opened.last(A)).toMatchObject(refusal('revoked_before'));
  });
});

describe('an attempt that a person asked for', () => {
  const RETRY = 'dingtalk.a.retry-1';
  const link = { of: A, by: 'ops', reason: '磁盘已清理' };
  const failed = {
    ...FACTS.completed,
    instances: [
      instanceResult({ instance_id: 'i-1', status: 'Failed' }),
      instanceResult({ instance_id: 'i-2' }),
      instanceResult({ instance_id: 'i-3', status: 'Aborted' }),
    ],
  };

  test.each<[string, boolean, object]>([
    ['for the instances that failed only', true, { retry: link, instances: ['i-1', 'i-3'] }],
    ['for all of them', false, { retry: link }],
  ])('%s', async (_, failed_only, expected) => {
    await opened.write(A, FACTS.accepted, FACTS.planned, failed);
    opened.world.source.put(approvalOf('a'));
    await opened.mark('a', { request_id: RETRY, retry: { ...link, failed_only } });
    await accept(RETRY);
    const fact = await opened.last(RETRY);
    if (fact?.type !== 'accepted') throw new Error('it was not accepted');
    const { retry, instances } = fact.request;
    expect({ retry, ...(instances && { instances }) }).toEqual(expected);
  });

  test('for the instances that failed looks at the last result of each, through all attempts', async () => {
    const again = { ...FACTS.accepted, request: { ...FACTS.accepted.request, request_id: RETRY, retry: link } };
    await opened.write(A, FACTS.accepted, FACTS.planned, failed);
    await opened.write(RETRY, again, {
      ...FACTS.completed,
      instances: [instanceResult({ instance_id: 'i-3' })],
    });
    opened.world.source.put(approvalOf('a'));
    const second = 'dingtalk.a.retry-2';
    await opened.mark('a', { request_id: second, retry: { ...link, of: RETRY, failed_only: true } });
    await accept(second);
    expect(await opened.last(second)).toMatchObject({ type: 'accepted', request: { instances: ['i-1'] } });
  });

  test.each<[string, Fact[]]>([
    ['every instance succeeded', [FACTS.accepted, FACTS.planned, { ...failed, instances: [instanceResult()] }]],
    ['nothing has run', [FACTS.refused]],
  ])('for the instances that failed is refused where %s: it must not run on all of them', async (_, facts) => {
    await opened.write(A, ...facts);
    opened.world.source.put(approvalOf('a'));
    await opened.mark('a', { request_id: RETRY, retry: { ...link, failed_only: true } });
    await accept(RETRY);
    expect(await opened.last(RETRY)).toMatchObject(refusal('nothing_failed'));
  });

  test('does not run for an approval that was revoked meanwhile', async () => {
    await opened.write(A, FACTS.accepted, FACTS.planned, failed);
    opened.world.source.put(approvalOf('a'));
    opened.world.source.revoke('a', 'r');
    await opened.mark('a', { request_id: RETRY, retry: { ...link, failed_only: true } });
    await accept(RETRY);
    expect(await opened.last(RETRY)).toMatchObject(refusal('revoked_before'));
  });
});
