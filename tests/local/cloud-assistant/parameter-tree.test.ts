import { parameterTree } from '../../../local/cloud-assistant/parameter-tree.ts';

const pairs = (query: string) => new URLSearchParams(query);

test.each([
  ['texts', 'A=1&B=', { A: '1', B: '' }],
  ['a list, by number', 'InstanceId.2=b&InstanceId.1=a&InstanceId.10=c', { InstanceId: ['a', 'b', 'c'] }],
  ['a list of records', 'Tag.1.Key=名&Tag.1.Value=🙂&Tag.2.Key=k', { Tag: [{ Key: '名', Value: '🙂' }, { Key: 'k' }] }],
  ['a record', 'A.B.C=1', { A: { B: { C: '1' } } }],
  ['the last of two', 'A=1&A=2', { A: '2' }],
  ['a text before its parts', 'A.1=1&A=2', { A: '2' }],
  ['a zero as a name', 'A.0=1', { A: { 0: '1' } }],
])('%s', (_name, query, tree) => {
  expect(parameterTree(pairs(query))).toEqual(tree);
});

test('names of an object prototype are names like others', () => {
  const tree = parameterTree(pairs('__proto__.polluted=1&constructor=2'));
  expect(Object.keys(tree)).toEqual(['__proto__', 'constructor']);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});
