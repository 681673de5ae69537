import { decodeForm, widgetSchema } from '../../../../shared/platforms/lark/decode-form.ts';
import { mapParameters } from '../../../../shared/workflows/map-parameters.ts';
import { workflowWith } from '../../workflows/sample.ts';

const LINKS = ['https://x/1.pdf?a=1&b=2', 'https://x/2.pdf'];
const DOCUMENT = { token: 'doxcx7', type: 'doc', title: '标题', url: 'https://x/docx/1' };
const LEAVE = { name: '年假', start: '2019-10-01T00:00:00+08:00', end: '2019-10-02T00:00:00+08:00', interval: 2 };
const DAYS = { start: '2019-10-01T08:12:01+08:00', end: '2019-10-02T08:12:01+08:00', interval: 2.5 };
const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);

/** What each type holds when it is read, with what nobody filled in, and forms that nobody has seen. */
test.each<[string, string, object, string | string[]]>([
  ['input', 'a text', { value: 'E123' }, 'E123'],
  ['input', 'blanks', { value: ' E123\n' }, ' E123\n'],
  ['input', '中文 and an emoji', { value: '入职 🙂' }, '入职 🙂'],
  ['input', 'an empty text', { value: '' }, ''],
  ['input', 'null', { value: null }, ''],
  ['input', 'no value', {}, ''],
  ['input', 'the word null, which people may type', { value: 'null' }, 'null'],
  ['input', 'JSON, which is text', { value: '["a"]' }, '["a"]'],
  ['textarea', 'lines', { value: 'a\r\nb 🎉' }, 'a\r\nb 🎉'],
  ['number', 'a number', { value: 1234.56 }, '1234.56'],
  ['number', 'a text, as it may be written', { value: '10' }, '10'],
  ['number', 'zero', { value: 0 }, '0'],
  ['number', 'a negative one', { value: -5 }, '-5'],
  ['number', 'the largest that JSON carries', { value: 9007199254740991 }, '9007199254740991'],
  ['number', 'more than JSON carries', { value: 2 ** 53 }, '≈9007199254740992'],
  ['number', 'far more', { value: 1e21 }, '≈1e+21'],
  ['amount', 'an amount', { value: 5.5, option: { currency: 'CNY' } }, '5.5'],
  ['formula', 'a sum', { value: 3 }, '3'],
  ['date', 'a time', { value: '2019-10-01T08:12:01+08:00' }, '2019-10-01T08:12:01+08:00'],
  ['dateInterval', 'two times', { value: DAYS }, [DAYS.start, DAYS.end]],
  ['dateInterval', 'an unknown form', { value: ['a', 'b'] }, '["a","b"]'],
  ['dateInterval', 'nothing', { value: null }, ''],
  ['radio', 'a choice', { value: '开发' }, '开发'],
  ['radioV2', 'a choice, with its key beside it', { value: '开发', option: { key: 'k1', text: '开发' } }, '开发'],
  ['radioV2', 'no choice', { value: '' }, ''],
  ['checkbox', 'one choice', { value: ['a'] }, ['a']],
  ['checkboxV2', 'choices', { value: ['a', '中 🙂'], option: [{ key: 'k1', text: 'a' }] }, ['a', '中 🙂']],
  ['checkboxV2', 'no choice', { value: [] }, []],
  ['checkboxV2', 'null', { value: null }, ''],
  ['checkboxV2', 'a text', { value: 'a' }, 'a'],
  ['checkboxV2', 'a list of numbers', { value: [1, 2] }, '[1,2]'],
  ['contact', 'a person', { value: ['f8ca557e'], open_ids: ['ou_12345'] }, ['ou_12345']],
  ['contact', 'people', { value: ['a', 'b'], open_ids: ['ou_1', 'ou_2'] }, ['ou_1', 'ou_2']],
  ['contact', 'a person by the other id alone', { value: ['f8ca557e'] }, ['f8ca557e']],
  ['contact', 'a name alone, which anyone can take', { value: '张三' }, []],
  ['contact', 'nobody', { value: null, open_ids: null }, []],
  ['department', 'a department', { value: [{ open_id: 'od-1' }] }, ['od-1']],
  ['department', 'departments', { value: [{ open_id: 'od-1' }, { open_id: 'od-2' }] }, ['od-1', 'od-2']],
  ['department', 'a name alone', { value: '运维部' }, []],
  ['department', 'nothing', { value: null }, []],
  ['image', 'pictures', { value: LINKS }, LINKS],
  ['imageV2', 'pictures', { value: LINKS, ext: '1.png,2.png' }, LINKS],
  ['attachment', 'a file', { value: LINKS.slice(0, 1) }, LINKS.slice(0, 1)],
  ['attachmentV2', 'files', { value: LINKS, ext: '简历.pdf,b.pdf' }, LINKS],
  ['attachmentV2', 'no file', { value: [] }, []],
  ['connect', 'an instance', { value: ['81D31358'] }, ['81D31358']],
  ['document', 'a document', { value: DOCUMENT }, JSON.stringify(DOCUMENT)],
  ['address', 'a place', { value: 'China/Beijing/Beijing' }, 'China/Beijing/Beijing'],
  ['telephone', 'a number', { value: { country_code: '+86', national_number: '13122222222' } }, '+8613122222222'],
  ['telephone', 'the form of creation', { value: { countryCode: '+86' } }, '{"countryCode":"+86"}'],
  ['telephone', 'nothing', { value: null }, ''],
  ['leaveGroup', 'a leave', { value: LEAVE }, JSON.stringify(LEAVE)],
  ['widgetLeaveGroupV2', 'a leave', { value: LEAVE }, JSON.stringify(LEAVE)],
  ['tripGroup', 'a journey', { value: { schedule: [] } }, '{"schedule":[]}'],
  ['fieldList', 'an unknown form', { value: 'x' }, 'x'],
  ['fieldList', 'no rows', { value: [] }, ''],
  ['fieldList', 'nothing', { value: null }, ''],
  ['somethingNew', 'a text', { value: 'x' }, 'x'],
  ['somethingNew', 'an object', { value: { a: ['中 🙂'] } }, '{"a":["中 🙂"]}'],
  ['somethingNew', 'true', { value: true }, 'true'],
  ['somethingNew', 'deep JSON', { value: deep }, ''],
])('a %s with %s', (type, _, widget, expected) => {
  const parsed = widgetSchema.parse({ id: 'widget1', custom_id: 'emp_id', name: '字段', type, ...widget });
  expect(decodeForm([parsed])).toEqual([{ names: ['emp_id', 'widget1', '字段'], value: expected }]);
});

test.each([
  ['custom id, id and label', { id: 'widget1', custom_id: 'emp_id', name: '工号' }, ['emp_id', 'widget1', '工号']],
  ['no custom id', { id: 'widget1', custom_id: null, name: '工号' }, ['', 'widget1', '工号']],
  ['a label alone', { name: '工号 🙂' }, ['', '', '工号 🙂']],
  ['nothing', {}, ['', '', '']],
])('a widget with %s is named by them, each in its place', (_, widget, names) => {
  expect(decodeForm([widgetSchema.parse(widget)])).toEqual([{ names, value: '' }]);
});

test('a custom id counts before an id, and an id before a label', () => {
  const fields = decodeForm([
    { name: 'emp_id', type: 'input', value: 'label' },
    { id: 'emp_id', type: 'input', value: 'id' },
    { custom_id: 'emp_id', type: 'input', value: 'custom id' },
  ]);
  const workflow = workflowWith({ emp_id: { field: 'emp_id', one_of: ['label', 'id', 'custom id'] } });
  const mapped = (count: number) => mapParameters(workflow, 'lark', fields.slice(0, count));
  expect([1, 2, 3].map(mapped)).toMatchObject([
    { parameters: { emp_id: 'label' } },
    { parameters: { emp_id: 'id' } },
    { parameters: { emp_id: 'custom id' } },
  ]);
});

describe('a table', () => {
  const cell = (id: string, value: unknown, more: object = {}) => ({
    id,
    name: `列 ${id}`,
    type: 'input',
    value,
    ...more,
  });
  const table = (...rows: object[][]) => decodeForm([{ id: 'T', name: '明细', type: 'fieldList', value: rows }]);

  test('gives each column as a field behind its own, with a value for each row', () => {
    const rows = [
      [cell('A', '1 🙂'), cell('B', null)],
      [cell('A', '2'), cell('B', 7, { type: 'number' })],
    ];
    expect(table(...rows)).toEqual([
      { names: ['', 'T', '明细'], value: JSON.stringify(rows) },
      { names: ['', 'A', '列 A'], value: ['1 🙂', '2'] },
      { names: ['', 'B', '列 B'], value: ['', '7'] },
    ]);
  });

  test('has its columns by their custom ids, and people by theirs', () => {
    const contact = { type: 'contact', custom_id: 'who', open_ids: ['ou_1', 'ou_2'] };
    expect(table([cell('A', ['u1', 'u2'], contact)]).slice(1)).toEqual([
      { names: ['who', 'A', '列 A'], value: ['ou_1', 'ou_2'] },
    ]);
  });

  test('within a table is kept as it is', () => {
    const inner = [[cell('A', '1')]];
    expect(table([cell('I', inner, { type: 'fieldList' })])[1]?.value).toEqual([JSON.stringify(inner)]);
  });

  test.each([
    ['rows without cells', [[]]],
    ['cells without a name', [[{ type: 'input', value: 'x' }]]],
  ])('with %s has no columns', (_, rows) => expect(table(...rows).slice(1)).toEqual([]));
});
