import type { ReadApproval } from '../../../shared/platforms/platform.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const LATE_MS = 600_001;

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
  // Another request holds the lock of this person, so that the run waits.
  await opened.functions.locks.take('emp_id=E123', 'dingtalk.other');
  await opened.functions.advance('dispatch', A);
  opened.world.clock.advance(LATE_MS);
});
afterEach(() => opened.remove());

const confirm = () => opened.functions.advance('ingest', A);
const unreadable: ReadApproval = { kind: 'refused', refusal: { code: 'approval_unreadable', values: { error: 'x' } } };

test('an approval that still holds is confirmed, and dispatch is told', async () => {
  const [accepted] = opened.world.events;
  await confirm();
  expect(await opened.last(A)).toEqual({ type: 'confirmed', at: '2026-09-01T02:10:00.001Z' });
  expect(opened.world.events).toEqual([accepted, accepted]);
});

test('it is confirmed once, until it is late again', async () => {
  await confirm();
  await confirm();
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'confirmed']);
  opened.world.clock.advance(LATE_MS);
  await confirm();
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'confirmed', 'confirmed']);
});

test('in time there is nothing to confirm', async () => {
  opened.world.clock.advance(-1);
  await confirm();
  expect(await opened.types(A)).toEqual(['accepted', 'planned']);
});

test.each<[string, () => void, string]>([
  ['that was revoked', () => opened.world.source.revoke('a', 'r'), 'revoked'],
  [
    'that the platform itself shows as revoked',
    () => opened.world.source.put(approvalOf('a', { state: 'revoked' })),
    'revoked',
  ],
  [
    'that is not granted any more',
    () => opened.world.source.put(approvalOf('a', { state: 'not approved' })),
    'not_valid',
  ],
  ['that is open again', () => opened.world.source.put(approvalOf('a', { state: 'pending' })), 'not_valid'],
  ['that may not be read', () => opened.world.source.next('a', unreadable), 'not_valid'],
])('an approval %s is withdrawn, and nothing runs', async (_, change, reason) => {
  change();
  const told = opened.world.events.length;
  await confirm();
  expect(await opened.last(A)).toEqual({ type: 'withdrawn', at: '2026-09-01T02:10:00.001Z', reason });
  expect(opened.world.events).toHaveLength(told);
  await opened.functions.advance('dispatch', A);
  expect(await opened.last(A)).toMatchObject({ type: 'cancelled', reason });
  expect(opened.world.cloud.runs).toEqual([]);
});

test('an approval whose revocation is not granted holds', async () => {
  opened.world.source.revoke('a', 'r', { state: 'pending' });
  await confirm();
  expect((await opened.last(A))?.type).toBe('confirmed');
});

test('while the platform cannot be reached nothing is decided', async () => {
  opened.world.source.next('a', new Error('ETIMEDOUT'));
  await expect(confirm()).rejects.toThrow('ETIMEDOUT');
  expect(await opened.types(A)).toEqual(['accepted', 'planned']);
  expect(opened.world.cloud.runs).toEqual([]);
});

test('a reversal is confirmed by the revocation that asked for it, which nothing revokes', async () => {
  const { functions, world, types, last } = opened;
  world.source.revoke('a', 'r');
  // It undoes another attempt that has run.
  await opened.write(A, { type: 'withdrawn', at: '2026-09-01T02:00:00.000Z', reason: 'revoked' });
  await functions.callback('r');
  await functions.advance('ingest', 'dingtalk.a.revoke');
  const accepted = await last('dingtalk.a.revoke');
  if (accepted?.type !== 'accepted') throw new Error('the reversal was not accepted');
  expect(accepted.request.approval.instance_id).toBe('r');
  world.source.reads.length = 0;
  const planned = (await functions.journal.read(A)).facts.find(({ type }) => type === 'planned');
  if (!planned) throw new Error('there is no plan');
  await opened.write('dingtalk.a.revoke', planned);
  world.clock.advance(LATE_MS);
  await functions.advance('ingest', 'dingtalk.a.revoke');
  expect([await types('dingtalk.a.revoke'), world.source.reads]).toEqual([['accepted', 'planned', 'confirmed'], ['r']]);
});
