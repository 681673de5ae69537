import { nearMiss } from '../../cli/near-miss.ts';

const NAMES = ['memorySize', 'timeout', 'environmentVariables', 'cpu', 'code', 'role', 'handler'];

test.each([
  ['the name itself', 'timeout', 'timeout'],
  ['another case', 'memorysize', 'memorySize'],
  ['an underscore between the words', 'memory_size', 'memorySize'],
  ['a letter too many', 'timeoutt', 'timeout'],
  ['a letter missing', 'timout', 'timeout'],
  ['a wrong letter', 'handlar', 'handler'],
  ['two neighbours swapped', 'tiemout', 'timeout'],
  ['a swap in a name of three letters', 'cup', 'cpu'],
  ['two slips in a long name', 'enviromentVariable', 'environmentVariables'],
])('%s is a near miss', (_what, name, meant) => {
  expect(nearMiss(name, NAMES)).toBe(meant);
});

test.each([
  ['another word', 'shine'],
  ['two slips in a name of four letters', 'coal'],
  ['nothing', ''],
])('%s is none', (_what, name) => {
  expect(nearMiss(name, NAMES)).toBeUndefined();
});

test('the nearest of several is meant, and the first of equally near ones', () => {
  expect(nearMiss('rule', ['role', 'rules', 'ruler'])).toBe('role');
  expect(nearMiss('rules', ['role', 'rules', 'ruler'])).toBe('rules');
});

test('where there is nothing to choose from nothing is meant', () => {
  expect(nearMiss('timeout', [])).toBeUndefined();
});
