import { includesAll } from '../../../setup/alerts/includes-all.ts';

const WANTED = { name: '告警 🙂', list: [{ key: 'a', value: 1 }], nested: { on: true } };

test.each<[string, unknown]>([
  ['the same', structuredClone(WANTED)],
  [
    'more fields at any depth',
    { ...WANTED, more: 1, list: [{ key: 'a', value: 1, id: 7 }], nested: { on: true, off: 0 } },
  ],
])('%s has all that is wanted', (_, found) => {
  expect(includesAll(found, WANTED)).toBe(true);
});

test.each<[string, unknown]>([
  ['another value', { ...WANTED, name: '告警' }],
  ['a missing field', { ...WANTED, nested: {} }],
  ['a longer list', { ...WANTED, list: [...WANTED.list, ...WANTED.list] }],
  ['an empty list', { ...WANTED, list: [] }],
  ['a text in the place of a list', { ...WANTED, list: 'a' }],
  ['a number as a text', { ...WANTED, list: [{ key: 'a', value: '1' }] }],
  ['nothing', undefined],
  ['null', null],
])('%s does not', (_, found) => {
  expect(includesAll(found, WANTED)).toBe(false);
});
