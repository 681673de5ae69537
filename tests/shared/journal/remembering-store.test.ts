import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { rememberObjects } from '../../../shared/journal/remembering-store.ts';
import { loseAnswer, makeTemporaryStore, type TemporaryStore, withCreateAnswer } from './temporary-store.ts';

let opened: TemporaryStore;
let reads: string[];
let behind: ObjectStore;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  reads = [];
  behind = {
    ...opened.store,
    get: (key) => {
      reads.push(key);
      return opened.store.get(key);
    },
  };
});
afterEach(() => opened.remove());

const put = (key: string, text: string) => opened.store.createIfAbsent(key, Buffer.from(text));
const read = async (store: ObjectStore, key: string) => (await store.get(key))?.toString();

test('an object is read once', async () => {
  await put('a', '你好');
  const store = rememberObjects(behind);
  expect([await read(store, 'a'), await read(store, 'a'), reads]).toEqual(['你好', '你好', ['a']]);
});

test('an object that it has created is not read at all', async () => {
  const store = rememberObjects(behind);
  await store.createIfAbsent('a', Buffer.from('1'));
  expect([await read(store, 'a'), reads]).toEqual(['1', []]);
});

test('what somebody else has created first is read', async () => {
  await put('a', 'theirs');
  const store = rememberObjects(behind);
  expect(await store.createIfAbsent('a', Buffer.from('mine'))).toBe('exists');
  expect(await read(store, 'a')).toBe('theirs');
});

test('what may not have been created is read', async () => {
  const store = rememberObjects(withCreateAnswer(behind, loseAnswer));
  await expect(store.createIfAbsent('a', Buffer.from('1'))).rejects.toThrow('the connection broke');
  expect([await read(store, 'a'), reads]).toEqual(['1', ['a']]);
});

test('what is not there is asked for again', async () => {
  const store = rememberObjects(behind);
  expect(await read(store, 'a')).toBeUndefined();
  await put('a', '1');
  expect(await read(store, 'a')).toBe('1');
});

test('what was deleted is gone', async () => {
  await put('a', '1');
  const store = rememberObjects(behind);
  await read(store, 'a');
  await store.delete('a');
  expect(await read(store, 'a')).toBeUndefined();
});

test('the oldest are forgotten when there are too many', async () => {
  for (const key of ['a', 'b', 'c']) await put(key, key);
  const store = rememberObjects(behind, 2);
  for (const key of ['a', 'b', 'c', 'c', 'b', 'a']) await read(store, key);
  expect(reads).toEqual(['a', 'b', 'c', 'a']);
});

test('listings always show what is there now', async () => {
  const store = rememberObjects(behind);
  await store.list('');
  await put('a', '1');
  expect(await store.list('')).toEqual(['a']);
});
