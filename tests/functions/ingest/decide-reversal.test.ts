import { TransientError } from '../../../shared/errors.ts';
import type { Approval } from '../../../shared/platforms/platform.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { FACTS } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const REVOKE = 'dingtalk.a.revoke';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a', { employee: 'E123' }));
  opened.world.source.revoke('a', 'r', { fields: [] });
  await opened.mark('a', { request_id: REVOKE, revocation: 'r' });
});
afterEach(() => opened.remove());

const decide = () => opened.functions.advance('ingest', REVOKE);
const refusal = (code: string) => ({ type: 'refused', refusal: { code } });

test('a reversal takes its people from the revocation and its parameters from what it undoes', async () => {
  await opened.write(A, FACTS.accepted);
  await decide();
  expect(await opened.last(REVOKE)).toEqual({
    type: 'accepted',
    at: '2026-09-01T02:00:00.000Z',
    request: {
      request_id: REVOKE,
      workflow: 'onboarding',
      action: 'revoke',
      platform: 'dingtalk',
      tenant: 'ding-corp',
      approval: { instance_id: 'r', code: 'PROC-1', title: '张三提交的入职', number: '202609011000' },
      requester: { id: 'zhangsan', name: '张三' },
      approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
      parameters: { emp_id: 'E123', role: 'devops' },
    },
  });
  expect(opened.world.source.reads).toEqual(['r']);
  expect(opened.world.events.map(({ type }) => type)).toEqual(['ProvisionRequest']);
});

test.each<[string, Partial<Approval>, string]>([
  ['was turned down', { state: 'not approved' }, 'not_approved'],
  ['is not decided', { state: 'pending' }, 'not_approved'],
  ['nobody agreed to', { approvers: [] }, 'no_approver'],
  ['only its requester agreed to', { approvers: [{ id: 'zhangsan', name: '张三', at: '' }] }, 'no_approver'],
])('a revocation that %s undoes nothing', async (_, changes, code) => {
  await opened.write(A, FACTS.accepted);
  opened.world.source.revoke('a', 'r', changes);
  await decide();
  expect(await opened.last(REVOKE)).toMatchObject(refusal(code));
});

test('a revocation that cannot be read undoes nothing', async () => {
  await opened.write(A, FACTS.accepted);
  opened.world.source.next('r', {
    kind: 'refused',
    refusal: { code: 'template_mismatch', values: { code: 'PROC-9' } },
  });
  await decide();
  expect(await opened.last(REVOKE)).toMatchObject(refusal('template_mismatch'));
});

test.each<[string, () => Promise<void>]>([
  ['was never received', async () => undefined],
  ['was refused', () => opened.write(A, FACTS.refused)],
  ['was parked before it was accepted', () => opened.write(A, FACTS.parked)],
])('there is nothing to undo of an approval that %s', async (_, happened) => {
  await happened();
  await decide();
  expect(await opened.last(REVOKE)).toMatchObject(refusal('nothing_to_undo'));
});

test.each<[string, Fact]>([
  ['was refused', FACTS.refused],
  ['was parked', FACTS.parked],
])('what an attempt of later was accepted for is undone, though the first %s', async (_, first) => {
  await opened.write(A, first);
  await opened.write('dingtalk.a.retry-1', FACTS.accepted);
  await decide();
  expect(await opened.last(REVOKE)).toMatchObject({
    type: 'accepted',
    request: { request_id: REVOKE, parameters: { emp_id: 'E123', role: 'devops' } },
  });
});

test('a reversal that a person asked for again says who and why', async () => {
  await opened.write(A, FACTS.accepted);
  const link = { of: REVOKE, by: '运维', reason: '实例已恢复 🔧' };
  const again = `${REVOKE}.retry-1`;
  await opened.mark('a', { request_id: again, revocation: 'r', retry: { ...link, failed_only: false } });
  await opened.functions.advance('ingest', again);
  expect(await opened.last(again)).toMatchObject({ type: 'accepted', request: { action: 'revoke', retry: link } });
});

test('a reversal waits for an attempt that is not decided on yet', async () => {
  await opened.write(A, FACTS.refused);
  await opened.mark('a', { request_id: 'dingtalk.a.retry-1' });
  await expect(decide()).rejects.toThrow(TransientError);
});

test('a reversal waits for an approval that is received and not yet decided on: it may still be accepted', async () => {
  await opened.mark('a');
  await expect(decide()).rejects.toThrow(TransientError);
  expect(await opened.types(REVOKE)).toEqual([]);
  await opened.write(A, FACTS.accepted);
  await decide();
  expect(await opened.types(REVOKE)).toEqual(['accepted']);
});

describe('a reversal that no approval of its own asks for', () => {
  beforeEach(async () => {
    await opened.functions.markers.delete(REVOKE);
    await opened.mark('a', { request_id: REVOKE });
    await opened.write(A, FACTS.accepted);
    opened.world.source.put(approvalOf('a', { state: 'revoked' }));
  });

  test('goes by what the platform says of the approval itself', async () => {
    await decide();
    expect(opened.world.source.reads).toEqual(['a']);
    expect(await opened.last(REVOKE)).toMatchObject({ type: 'accepted', request: { action: 'revoke' } });
  });

  test('goes by a granted revocation that is attached to it too', async () => {
    opened.world.source.put(approvalOf('a', { attached: ['r'] }));
    await decide();
    expect(opened.world.source.reads).toEqual(['a', 'r']);
    expect((await opened.last(REVOKE))?.type).toBe('accepted');
  });

  test('waits ten minutes for a platform that does not show it yet, and is refused then', async () => {
    opened.world.source.put(approvalOf('a'));
    opened.world.clock.advance(599_999);
    await expect(decide()).rejects.toThrow(TransientError);
    opened.world.clock.advance(1);
    await decide();
    expect(await opened.last(REVOKE)).toMatchObject(refusal('not_approved'));
  });

  test('is left to people where the workflow says so', async () => {
    await opened.remove();
    opened = await openTemporaryWorld({ on_revoke: 'ask' });
    opened.world.source.put(approvalOf('a', { state: 'revoked' }));
    await opened.mark('a', { request_id: REVOKE });
    await opened.write(A, FACTS.accepted);
    await decide();
    expect(await opened.last(REVOKE)).toMatchObject(refusal('not_original'));
  });
});
