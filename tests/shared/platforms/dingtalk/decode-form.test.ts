import { decodeForm } from '../../../../shared/platforms/dingtalk/decode-form.ts';
import { mapParameters } from '../../../../shared/workflows/map-parameters.ts';

const json = JSON.stringify;
const ROWS = json([
  {
    rowValue: [{ componentType: 'TextField', label: '列', value: '1', key: 'TextField-X' }],
    rowNumber: 'TableField_0',
  },
]);
const COLUMNS = json([{ componentName: 'TextField', props: { id: 'TextField-X', label: '列' } }]);
const TABLE = json({ statValue: [], componentName: 'TableField' });
const FILE = json([{ spaceId: '1', fileId: '2', fileName: '简历.pdf', fileSize: 3, fileType: 'pdf' }]);
const contacts = (...ids: string[]) => json(ids.map((emplId) => ({ emplId, name: '张三', avatar: '' })));

/** What each component holds; the read forms are those of the reference, and what nobody has seen stays as it is. */
test.each<[string, string, string | null, string | null, string | string[]]>([
  ['TextField', 'a text', 'E123', null, 'E123'],
  ['TextField', 'blanks', ' E123\n', null, ' E123\n'],
  ['TextField', '中文 and an emoji', '入职 🙂', null, '入职 🙂'],
  ['TextField', 'nothing', 'null', null, ''],
  ['TextField', 'an empty text', '', null, ''],
  ['TextField', 'no value', null, null, ''],
  ['TextField', 'Null in another spelling', 'NULL', null, 'NULL'],
  ['TextField', 'JSON, which is text', '["a"]', null, '["a"]'],
  ['TextareaField', 'lines', 'a\r\nb 🎉', null, 'a\r\nb 🎉'],
  ['TextareaField', 'nothing', 'null', null, ''],
  ['NumberField', 'a number', '10', null, '10'],
  ['NumberField', 'nothing', 'null', null, ''],
  ['MoneyField', 'an amount', '5.5', null, '5.5'],
  ['PhoneField', 'a number', '+86-13800000000', null, '+86-13800000000'],
  ['StarRatingField', 'stars', '5', null, '5'],
  ['DDSelectField', 'a choice', '开发', json({ label: '开发', key: 'option_0' }), '开发'],
  ['DDSelectField', 'no choice', 'null', null, ''],
  ['DDMultiSelectField', 'one choice', '["a"]', json([{ label: 'a', key: 'option_0' }]), ['a']],
  ['DDMultiSelectField', 'choices', '["a","中 🙂"]', null, ['a', '中 🙂']],
  ['DDMultiSelectField', 'no choice', '[]', null, []],
  ['DDMultiSelectField', 'no value', 'null', null, ''],
  ['DDMultiSelectField', 'a text', 'a,b', null, 'a,b'],
  ['DDMultiSelectField', 'a list of numbers', '[1,2]', null, '[1,2]'],
  ['DDDateField', 'a day', '2026-01-02', null, '2026-01-02'],
  ['DDDateField', 'a minute', '2026-01-02 03:04', null, '2026-01-02 03:04'],
  ['DDDateRangeField', 'two days', '["2026-01-01","2026-01-02"]', null, ['2026-01-01', '2026-01-02']],
  [
    'DDDateRangeField',
    'more than two',
    '["2026-01-01","2026-01-02","1 天"]',
    null,
    ['2026-01-01', '2026-01-02', '1 天'],
  ],
  ['DDDateRangeField', 'an unknown form', '2026-01-01~2026-01-02', null, '2026-01-01~2026-01-02'],
  ['InnerContactField', 'a person', '张三', contacts('u1'), ['u1']],
  ['InnerContactField', 'people', '张三,张三', contacts('u1', 'u2'), ['u1', 'u2']],
  ['InnerContactField', 'a name alone, which anyone can take', 'u1', null, []],
  ['InnerContactField', 'an unknown form', '张三', '{"emplId":"u1"}', []],
  ['InnerContactField', 'half a form', '张三', '[{"emplId":"u1"', []],
  ['InnerContactField', 'nobody', 'null', null, []],
  ['DepartmentField', 'a department', '运维部', json({ itemId: '7', deptName: '运维部', name: '运维部' }), ['7']],
  ['DepartmentField', 'departments', 'A,B', json([{ itemId: '7' }, { itemId: '8' }]), ['7', '8']],
  ['DepartmentField', 'a name alone', '7', null, []],
  ['DepartmentField', 'nothing', 'null', null, []],
  ['TableField', 'rows', ROWS, TABLE, ROWS],
  ['TableField', 'no rows', COLUMNS, TABLE, ''],
  ['TableField', 'no rows and no columns', '[]', TABLE, ''],
  ['TableField', 'nothing', 'null', null, ''],
  ['TableField', 'an unknown form', '[[{"name":"列","value":"1"}]]', null, '[[{"name":"列","value":"1"}]]'],
  ['DDAttachment', 'a file', FILE, null, FILE],
  ['DDPhotoField', 'a photo', '["https://x/1.png"]', null, '["https://x/1.png"]'],
  ['RelateField', 'an instance', '["pi-2"]', null, '["pi-2"]'],
  ['AddressField', 'a place', '浙江省,杭州市,余杭区', null, '浙江省,杭州市,余杭区'],
  ['SomethingNew', 'a value', 'x', '{}', 'x'],
])('a %s with %s', (componentType, _, value, extValue, expected) => {
  const [field] = decodeForm([{ id: 'F-1', name: '字段', bizAlias: '', componentType, value, extValue }]);
  expect(field).toEqual({ names: ['F-1', '', '字段'], value: expected });
});

test.each([
  ['id, alias and label', { id: 'F-1', bizAlias: 'emp_id', name: '工号' }, ['F-1', 'emp_id', '工号']],
  ['no alias', { id: 'F-1', bizAlias: null, name: '工号' }, ['F-1', '', '工号']],
  ['a label alone', { name: '工号 🙂' }, ['', '', '工号 🙂']],
  ['nothing', {}, ['', '', '']],
])('a component with %s is named by them, each in its place', (_, component, names) => {
  expect(decodeForm([component])).toEqual([{ names, value: '' }]);
});

test.each(['TextField', 'NumberField', 'DDSelectField', 'DDMultiSelectField', 'DDDateField', 'DDDateRangeField'])(
  'an optional %s that nobody filled in is an empty parameter, not the value "null"',
  (componentType) => {
    const fields = decodeForm([{ id: 'F-1', componentType, value: 'null' }]);
    const workflow = {
      title: 't',
      on: {},
      parameters: { size: { field: 'F-1', one_of: ['null', 'small'], optional: true } },
      approvers: { min: 1, from: 'any' as const },
      mode: 'run' as const,
      run: { command: 'c', instances: ['i-1'], timeout: 60, offline: 'fail' },
      on_revoke: 'ask' as const,
      chat: {},
      start_message: false,
      mention: [],
      language: 'zh-CN' as const,
      time_zone: 'Asia/Shanghai',
    };
    expect(mapParameters(workflow, 'dingtalk', fields)).toEqual({ kind: 'parameters', parameters: { size: '' } });
  },
);

describe('a table', () => {
  const cell = (key: string, value: string | null, more: object = {}) => ({
    componentType: 'TextField',
    key,
    label: `列 ${key}`,
    value,
    ...more,
  });
  const table = (...rows: object[][]) =>
    decodeForm([
      {
        id: 'T-1',
        name: '明细',
        componentType: 'TableField',
        value: json(rows.map((rowValue, index) => ({ rowValue, rowNumber: `T-1_${index}` }))),
      },
    ]).slice(1);

  test('gives each column as a field, with a value for each row', () => {
    expect(table([cell('A', '1 🙂'), cell('B', 'null')], [cell('A', '2'), cell('B', 'x')])).toEqual([
      { names: ['A', '', '列 A'], value: ['1 🙂', '2'] },
      { names: ['B', '', '列 B'], value: ['', 'x'] },
    ]);
  });

  test.each([
    ['a list', [{ emplId: 'u1', name: '张三' }]],
    ['a text', json([{ emplId: 'u1', name: '张三' }])],
  ])('has people by their ids, whether their extendValue is %s or not', (_, extendValue) => {
    expect(table([cell('A', '张三', { componentType: 'InnerContactField', extendValue })])).toEqual([
      { names: ['A', '', '列 A'], value: ['u1'] },
    ]);
  });

  test.each([
    ['no rows', []],
    ['rows without cells', [[]]],
    ['cells without a name', [[{ componentType: 'TextField', value: 'x' }]]],
  ])('with %s has no columns', (_, rows) => expect(table(...rows)).toEqual([]));
});
