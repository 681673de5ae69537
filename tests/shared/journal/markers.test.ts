import { createMarkers, type Marker, type Markers } from '../../../shared/journal/markers.ts';
import { START } from '../hand-clock.ts';
import { makeTemporaryStore, type TemporaryStore } from './temporary-store.ts';

let opened: TemporaryStore;
let markers: Markers;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  markers = createMarkers(opened.store);
});
afterEach(() => opened.remove());

const marker = (instance_id: string): Marker => ({
  request_id: `dingtalk.${instance_id}`,
  platform: 'dingtalk',
  instance_id,
  code: 'PROC-中文🚀',
  received_at: START,
});

test('is there from its first put on, as it was then', async () => {
  expect(await markers.get('dingtalk.a')).toBeUndefined();
  expect(await markers.put(marker('a'))).toBe('created');
  expect(await markers.put({ ...marker('a'), received_at: START + 5 })).toBe('exists');
  expect(await markers.get('dingtalk.a')).toEqual(marker('a'));
});

test('keeps what a reversal and an attempt need beside it', async () => {
  const retry = { of: 'dingtalk.a', by: 'ops', reason: '磁盘已清理 🚀', failed_only: true };
  const reversal: Marker = { ...marker('a'), request_id: 'dingtalk.a.revoke', revocation: 'b' };
  const attempt: Marker = { ...marker('a'), request_id: 'dingtalk.a.retry-1', retry };
  await markers.put(reversal);
  await markers.put(attempt);
  expect(await markers.get('dingtalk.a.revoke')).toEqual(reversal);
  expect(await markers.get('dingtalk.a.retry-1')).toEqual(attempt);
  expect(await markers.list()).toEqual(['dingtalk.a.retry-1', 'dingtalk.a.revoke']);
});

test('is gone once deleted, and a delete more is no error', async () => {
  await markers.put(marker('a'));
  await markers.delete('dingtalk.a');
  await expect(markers.delete('dingtalk.a')).resolves.toBeUndefined();
  expect(await markers.get('dingtalk.a')).toBeUndefined();
  expect(await markers.list()).toEqual([]);
  expect(await markers.put(marker('a'))).toBe('created');
});

test('open requests are listed by their ids, in order and in pages, and nothing else is', async () => {
  for (const id of ['c', 'a', 'B', 'a-b', '_']) await markers.put(marker(id));
  await opened.store.createIfAbsent('leases/dingtalk.a/run/000001', Buffer.from('{}'));
  const all = ['dingtalk.B', 'dingtalk._', 'dingtalk.a', 'dingtalk.a-b', 'dingtalk.c'];
  expect(await markers.list()).toEqual(all);
  expect(await markers.list({ limit: 2 })).toEqual(all.slice(0, 2));
  expect(await markers.list({ after: 'dingtalk._', limit: 2 })).toEqual(all.slice(2, 4));
  expect(await markers.list({ after: 'dingtalk.c' })).toEqual([]);
});

test.each([
  ['no JSON', 'open'],
  ['another shape', '{"request_id":"dingtalk.a"}'],
  ['nothing', ''],
  ['an unknown key', JSON.stringify({ ...marker('a'), note: '' })],
  ['a revocation that is no instance id', JSON.stringify({ ...marker('a'), revocation: '../b' })],
  ['half an attempt', JSON.stringify({ ...marker('a'), retry: { of: 'dingtalk.a' } })],
])('that holds %s fails loudly', async (_, body) => {
  await opened.store.createIfAbsent('open/dingtalk.a', Buffer.from(body));
  await expect(markers.get('dingtalk.a')).rejects.toThrow();
});
