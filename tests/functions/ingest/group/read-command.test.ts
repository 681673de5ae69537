import fc from 'fast-check';
import { fillInForm } from '../../../../functions/ingest/group/fill-in-form.ts';
import { readCommand } from '../../../../functions/ingest/group/read-command.ts';
import { workflowWith } from '../../../shared/workflows/sample.ts';

const workflow = {
  ...workflowWith({
    emp_id: { field: 'E', pattern: 'E[0-9]{3,8}', aliases: ['工号'] },
    role: { field: 'R', one_of: { 运维: 'devops', 开发: 'developer' } },
    note: { field: 'N', text: true, optional: true, max_length: 40 },
  }),
  words: ['入职', 'Onboard'],
};
const offer = { name: 'onboarding', workflow };
const read = (text: string) => readCommand(text, [offer]);

test.each([
  ['', { kind: 'help' }],
  [' 帮助 ', { kind: 'help' }],
  ['HELP me', { kind: 'help' }],
  ['status', { kind: 'status' }],
  ['状态 lark.A-1', { kind: 'status', id: 'lark.A-1' }],
  ['Ｗhy  dingtalk.p1', { kind: 'why', id: 'dingtalk.p1' }],
])('%p asks about requests', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each<[string, Record<string, string>]>([
  ['入职 emp_id=E123 role=devops', { emp_id: 'E123', role: 'devops' }],
  ['ＯＮＢＯＡＲＤ 工号：E123 ROLE＝运维', { emp_id: 'E123', role: '运维' }],
  ['onboard E123 devops', { emp_id: 'E123', role: 'devops' }],
  ['onboard role=devops E123', { role: 'devops', emp_id: 'E123' }],
  ['onboard note="二楼 🪑 a=b" E123', { note: '二楼 🪑 a=b', emp_id: 'E123' }],
  ['onboard E123 devops “中文 引号”', { emp_id: 'E123', role: 'devops', note: '中文 引号' }],
  // A colon is part of a value unless the name of a parameter stands before it.
  ['onboard E123 devops 10:30', { emp_id: 'E123', role: 'devops', note: '10:30' }],
  ['onboard', {}],
  ['onboard emp_id=', { emp_id: '' }],
])('%p asks for the workflow', (text, written) => {
  expect(read(text)).toEqual({ kind: 'start', offer, written });
});

test.each([
  ['开门', 'unknown_word', { word: '开门' }],
  ['onboard employee=E123', 'unknown_parameter', { name: 'employee', accepted: 'emp_id, role, note' }],
  ['onboard emp_id=E123 工号=E124', 'twice', { parameter: 'emp_id' }],
  ['onboard a b c d', 'too_much', { value: 'd' }],
  ['constructor', 'unknown_word', { word: 'constructor' }],
  ['onboard __proto__=1', 'unknown_parameter', { name: '__proto__', accepted: 'emp_id, role, note' }],
])('%p is a mistake', (text, code, values) => {
  expect(read(text)).toEqual({ kind: 'mistake', code, values });
});

test('whatever somebody writes is read in time, and gives nothing but parameters of the workflow', () => {
  const pieces = fc.constantFrom('onboard', '入职', 'emp_id', '=', '＝', '：', '"', '“', '”', ' ', '🙈', 'E123', '\n');
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(pieces, { maxLength: 200 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const command = read(text);
      if (command.kind !== 'start') return;
      expect(['emp_id', 'role', 'note']).toEqual(expect.arrayContaining(Object.keys(command.written)));
    }),
    { numRuns: 500 },
  );
});

test.each<[Record<string, string>, object]>([
  [
    { emp_id: 'E123', role: 'devops' },
    {
      fields: [
        { field: 'E', value: 'E123' },
        { field: 'R', value: '运维' },
      ],
    },
  ],
  [
    { emp_id: 'E123', role: '开发' },
    {
      fields: [
        { field: 'E', value: 'E123' },
        { field: 'R', value: '开发' },
      ],
    },
  ],
  [
    { emp_id: 'E123', role: 'devops', note: '好 🙂' },
    {
      fields: [
        { field: 'E', value: 'E123' },
        { field: 'R', value: '运维' },
        { field: 'N', value: '好 🙂' },
      ],
    },
  ],
  [{ emp_id: 'E123' }, { refusal: { code: 'missing_field', values: { parameter: 'role' } } }],
  [
    { emp_id: "E123'; reboot", role: 'devops' },
    {
      refusal: {
        code: 'value_not_allowed',
        values: { parameter: 'emp_id', value: "E123'; reboot", accepted: 'E[0-9]{3,8} (≤ 64 B)' },
      },
    },
  ],
  [
    { emp_id: 'E123', role: 'root' },
    { refusal: { code: 'value_not_allowed', values: { parameter: 'role', value: 'root', accepted: '运维, 开发' } } },
  ],
])('%p fills in the form, or is refused by the rule that the approval is checked by', (written, expected) => {
  expect(fillInForm(workflow, 'dingtalk', written)).toEqual(expected);
});
