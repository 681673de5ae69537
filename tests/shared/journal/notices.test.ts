import { clearNotices, putNotice, readNotice } from '../../../shared/journal/notices.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from './temporary-store.ts';

const ID = 'dingtalk.a';
const WAITING = { kind: 'waiting', for: 'dingtalk.b.revoke' } as const;

let opened: TemporaryStore;
let work: ObjectStore;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  work = opened.store;
});
afterEach(() => opened.remove());

test('a notice is there once it is put', async () => {
  expect(await readNotice(work, ID)).toBeUndefined();
  await putNotice(work, ID, WAITING);
  expect(await readNotice(work, ID)).toEqual(WAITING);
});

test('the first one stays, whomever the request waits for later', async () => {
  await putNotice(work, ID, WAITING);
  await putNotice(work, ID, { kind: 'waiting', for: 'dingtalk.c' });
  expect(await readNotice(work, ID)).toEqual(WAITING);
});

test('it belongs to one request', async () => {
  await putNotice(work, ID, WAITING);
  expect(await readNotice(work, `${ID}b`)).toBeUndefined();
  expect(await readNotice(work, `${ID}.revoke`)).toBeUndefined();
});

test('a notice whose answer is lost is there all the same', async () => {
  await expect(putNotice(withCreateAnswer(work, loseAnswer), ID, WAITING)).rejects.toThrow('the connection broke');
  expect(await readNotice(work, ID)).toEqual(WAITING);
});

test.each([
  ['half of it', '{"kind":'],
  ['another kind', '{"kind":"cheering","for":"dingtalk.b"}'],
  ['a request that is none', '{"kind":"waiting","for":"../b"}'],
  ['nothing', ''],
])('a notice that holds %s is none', async (_, body) => {
  await work.createIfAbsent(`notices/${ID}/waiting`, Buffer.from(body));
  expect(await readNotice(work, ID)).toBeUndefined();
});

test('it is cleared with all that belongs to it, and no other is', async () => {
  await putNotice(work, ID, WAITING);
  await putNotice(work, `${ID}b`, WAITING);
  await clearNotices(work, ID);
  expect(await work.list('')).toEqual([`notices/${ID}b/waiting`]);
  await expect(clearNotices(work, 'lark.unknown')).resolves.toBeUndefined();
});
