import type { FormField } from '../../../shared/platforms/platform.ts';
import { type MappedParameters, mapParameters } from '../../../shared/workflows/map-parameters.ts';
import { workflowWith } from './sample.ts';

const map = (parameters: Readonly<Record<string, unknown>>, fields: readonly FormField[]): MappedParameters =>
  mapParameters(workflowWith(parameters), 'dingtalk', fields);

/** What becomes of one value under one rule: the parameter, or the code of the refusal. */
function outcome(rule: Readonly<Record<string, unknown>>, value: string | readonly string[]): unknown {
  const mapped = map({ p: { field: 'f', ...rule } }, [{ names: ['f'], value }]);
  return mapped.kind === 'parameters' ? mapped.parameters['p'] : { refused: mapped.refusal.code };
}

const REFUSED = { refused: 'value_not_allowed' };
const MISSING = { refused: 'missing_field' };

describe('the field of a parameter', () => {
  const byId: FormField = { names: ['x', 'a', 'l'], value: 'by id' };
  const byAlias: FormField = { names: ['id-2', 'x', 'l'], value: 'by alias' };
  const byLabel: FormField = { names: ['id-3', 'a-3', 'x'], value: 'by label' };
  const other: FormField = { names: ['id-4', 'a-4', 'l'], value: 'other' };
  const found = (value: string) => ({ kind: 'parameters', parameters: { p: value } });
  const refused = (code: string) => ({ kind: 'refused', refusal: { code, values: { parameter: 'p' } } });

  test.each<[string, FormField[], unknown]>([
    ['is found by id', [other, byId], found('by id')],
    ['is found by alias', [other, byAlias], found('by alias')],
    ['is found by label', [byLabel, other], found('by label')],
    ['is found by id before alias and label', [byLabel, byAlias, byId], found('by id')],
    ['is found by alias before label', [byLabel, byAlias], found('by alias')],
    ['is ambiguous with two of the same id', [byId, byId], refused('ambiguous_field')],
    ['is ambiguous with two of the same label', [byLabel, byLabel], refused('ambiguous_field')],
    ['is not ambiguous where an id stands before two labels', [byLabel, byId, byLabel], found('by id')],
    ['may have one name several times', [{ names: ['x', 'x', 'x'], value: 'v' }], found('v')],
    ['is missing where nothing has its name', [other], refused('missing_field')],
    ['is missing in an empty form', [], refused('missing_field')],
    ['is not found by a part of its name', [{ names: ['x1', ' x', 'X'], value: 'v' }], refused('missing_field')],
    ['is missing where it is empty', [{ names: ['x'], value: '' }], refused('missing_field')],
    ['is missing where it has no values', [{ names: ['x'], value: [] }], refused('missing_field')],
    ['may be a list of one', [{ names: ['x'], value: ['v'] }], found('v')],
    ['has one value at most', [{ names: ['x'], value: ['v', 'v'] }], refused('several_values')],
    ['has one value at most, even if they are empty', [{ names: ['x'], value: ['', ''] }], refused('several_values')],
  ])('%s', (_, fields, expected) => {
    expect(map({ p: { field: 'x', text: true } }, fields)).toEqual(expected);
  });

  test('is the one of the platform that the request came from', () => {
    const workflow = workflowWith({ p: { field: { dingtalk: 'd', lark: 'l' }, text: true } });
    const fields = [
      { names: ['d'], value: 'of DingTalk' },
      { names: ['l'], value: 'of Lark' },
    ];
    expect(mapParameters(workflow, 'dingtalk', fields)).toEqual(found('of DingTalk'));
    expect(mapParameters(workflow, 'lark', fields)).toEqual(found('of Lark'));
  });

  test('that the platform does not have is missing, or empty where it is optional', () => {
    const fields = [{ names: ['l'], value: 'of Lark' }];
    expect(map({ p: { field: { lark: 'l' }, text: true } }, fields)).toEqual(refused('missing_field'));
    expect(map({ p: { field: { lark: 'l' }, text: true, optional: true } }, fields)).toEqual(found(''));
  });

  test.each([['constructor'], ['__proto__'], ['toString'], ['null']])('may be called %s', (name) => {
    expect(map({ p: { field: name, text: true } }, [{ names: [name], value: 'v' }])).toEqual(found('v'));
    expect(map({ p: { field: name, text: true } }, [other])).toEqual(refused('missing_field'));
  });
});

describe('an empty field', () => {
  test.each<[string, Record<string, unknown>]>([
    ['of text', { text: true }],
    ['of a pattern that would match nothing', { pattern: '.+' }],
    ['of a pattern that would match it', { pattern: '.*' }],
    ['of a list', { one_of: ['a'] }],
  ])('%s is the empty text where it is optional, else missing', (_, rule) => {
    expect(outcome({ ...rule, optional: true }, '')).toBe('');
    expect(outcome({ ...rule, optional: true }, [])).toBe('');
    expect(outcome(rule, '')).toEqual(MISSING);
  });

  test('is not one that holds a blank, and optional does not mean anything goes', () => {
    expect(outcome({ pattern: '[a-z]+', optional: true }, ' ')).toEqual(REFUSED);
    expect(outcome({ one_of: ['a'], optional: true }, 'b')).toEqual(REFUSED);
  });
});

describe('one_of', () => {
  const list = { one_of: ['devops', 'dev ops', '--all', 'null', '$&'] };
  const options = { one_of: { 运维: 'devops', '👩‍💻': 'developer', constructor: 'root', ' a': '1' } };

  test.each([
    ['devops', 'devops'],
    ['dev ops', 'dev ops'],
    ['--all', '--all'],
    ['null', 'null'],
    ['$&', '$&'],
    ['DEVOPS', REFUSED],
    ['devops ', REFUSED],
    [' devops', REFUSED],
    ['devops\n', REFUSED],
    ['dev\u00a0ops', REFUSED],
    ['devops\0', REFUSED],
    ['dеvops', REFUSED], // a Cyrillic е
    ['ｄｅｖｏｐｓ', REFUSED],
    ['devops,dev ops', REFUSED],
    ['0', REFUSED],
    ['length', REFUSED],
    ['constructor', REFUSED],
  ])('as a list: %j becomes %j', (value, expected) => {
    expect(outcome(list, value)).toEqual(expected);
  });

  test.each([
    ['运维', 'devops'],
    ['👩‍💻', 'developer'],
    ['constructor', 'root'],
    [' a', '1'],
    ['a', REFUSED],
    ['devops', REFUSED],
    ['运维 ', REFUSED],
    ['👩💻', REFUSED],
    ['👩', REFUSED],
    ['toString', REFUSED],
    ['hasOwnProperty', REFUSED],
    ['__proto__', REFUSED],
  ])('as a map: %j becomes %j', (value, expected) => {
    expect(outcome(options, value)).toEqual(expected);
  });

  test('é in one code point and in two are different options', () => {
    expect(outcome({ one_of: { 'caf\u00e9': '1' } }, 'caf\u00e9')).toBe('1');
    expect(outcome({ one_of: { 'caf\u00e9': '1' } }, 'cafe\u0301')).toEqual(REFUSED);
  });
});

test('every parameter is mapped, in the order of the workflow, and the first that is refused names itself', () => {
  const parameters = {
    emp_id: { field: '工号', pattern: 'E[0-9]+' },
    constructor: { field: 'c', text: true },
    role: { field: '角色', one_of: { 运维: 'devops' } },
  };
  const fields = (role: string, constructed: string) => [
    { names: ['角色'], value: role },
    { names: ['c'], value: constructed },
    { names: ['工号'], value: 'E1' },
    { names: ['备注'], value: 'nobody asked' },
  ];
  const mapped = map(parameters, fields('运维', 'x'));
  expect(mapped).toEqual({ kind: 'parameters', parameters: { emp_id: 'E1', constructor: 'x', role: 'devops' } });
  expect(mapped.kind === 'parameters' && Object.keys(mapped.parameters)).toEqual(['emp_id', 'constructor', 'role']);
  expect(map(parameters, fields('老板', ''))).toEqual({
    kind: 'refused',
    refusal: { code: 'missing_field', values: { parameter: 'constructor' } },
  });
  expect(map(parameters, fields('老板', 'x'))).toEqual({
    kind: 'refused',
    refusal: { code: 'value_not_allowed', values: { parameter: 'role', value: '老板', accepted: '运维' } },
  });
});
