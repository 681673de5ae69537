import { TEXTS } from '../../../shared/message/texts.ts';
import { linesOf, render } from './sample.ts';

type Values = Readonly<Record<string, string>>;

const refused = (code: string, values: Values, language: 'zh-CN' | 'en') =>
  render({ end: 'Refused', instances: [], refusal: { code, values } }, { language }).lines[2];

/** Everything a request can be refused for, with the values that its refusal carries. */
const REFUSALS: [string, Values, string, string][] = [
  [
    'missing_field',
    { parameter: 'emp_id' },
    '- 原因：表单里没有填写“emp_id”。请补全后重新提交。',
    '- Reason: The form has no value for "emp_id". Fill it in and submit again.',
  ],
  [
    'ambiguous_field',
    { parameter: 'role' },
    '- 原因：表单里有多个组件对应“role”，请管理员在 workflows.yaml 中改用组件 id。',
    '- Reason: More than one form component matches "role"; an administrator should map it by component id.',
  ],
  [
    'several_values',
    { parameter: 'role' },
    '- 原因：“role”只能有一个值。请只选一个后重新提交。',
    '- Reason: "role" takes one value; leave one and submit again.',
  ],
  [
    'value_not_allowed',
    { parameter: 'emp_id', value: 'e 1', accepted: '字母 E 加数字' },
    '- 原因：“emp_id”的值“e 1”不符合要求。可接受：字母 E 加数字。请修改后重新提交。',
    '- Reason: The value "e 1" of "emp_id" is not allowed. Accepted: 字母 E 加数字. Correct it and submit again.',
  ],
  [
    'no_approver',
    { count: '0', min: '2' },
    '- 原因：有效的同意人数为 0，至少需要 2（申请人本人、自动通过、不在指定名单上的人都不算）。',
    '- Reason: Agreements that count: 0; at least 2 needed (the requester, automatic steps and people who are not on the list do not count).',
  ],
  [
    'not_approved',
    {},
    '- 原因：平台显示该审批并未通过。',
    '- Reason: The platform says that this approval was not granted.',
  ],
  [
    'not_original',
    {},
    '- 原因：这是对已通过审批的修改或撤销，不会自动执行，请运维人员处理。',
    '- Reason: This modifies or revokes an earlier approval; it does not run by itself. An operator should look at it.',
  ],
  [
    'approval_unreadable',
    { error: 'dingtalk.403' },
    '- 原因：无法读取该审批（dingtalk.403），请管理员检查应用权限。',
    '- Reason: The approval could not be read (dingtalk.403); an administrator should check the permissions of the app.',
  ],
  [
    'template_mismatch',
    { code: 'PROC-9' },
    '- 原因：该审批不属于模板 PROC-9，请管理员检查配置。',
    '- Reason: The approval does not belong to the template PROC-9; an administrator should check the configuration.',
  ],
  [
    'command_missing',
    { command: 'approval-loop-dev-onboarding-0123456789ab' },
    '- 原因：找不到命令 approval-loop-dev-onboarding-0123456789ab，请管理员重新运行 setup。',
    '- Reason: The command approval-loop-dev-onboarding-0123456789ab was not found; an administrator should run setup again.',
  ],
  [
    'run_rejected',
    { error: 'ecs.InvalidInstance.NotFound' },
    '- 原因：云助手拒绝执行（ecs.InvalidInstance.NotFound），请管理员检查实例与命令。',
    '- Reason: Cloud Assistant refused to run it (ecs.InvalidInstance.NotFound); an administrator should check instance and command.',
  ],
  [
    'revoked_before',
    {},
    '- 原因：该审批已被撤销，不会执行。',
    '- Reason: This approval has been revoked; it does not run.',
  ],
  [
    'nothing_failed',
    {},
    '- 原因：上一次执行没有失败的实例，无需重新执行。',
    '- Reason: No instance failed the last time; there is nothing to run again.',
  ],
  [
    'nothing_to_undo',
    {},
    '- 原因：原申请没有执行过，没有需要撤销的内容。',
    '- Reason: The original request never ran; there is nothing to undo.',
  ],
  [
    'revoked_in_time',
    {},
    '- 原因：原申请尚未执行，已经取消，没有需要撤销的内容。',
    '- Reason: The original request had not run yet and was cancelled; there is nothing to undo.',
  ],
  ['withdrawn_revoked', {}, '- 原因：审批在执行之前被撤销。', '- Reason: The approval was revoked before it ran.'],
  [
    'withdrawn_not_valid',
    {},
    '- 原因：执行之前再次确认时，该审批已不再有效。如仍需要，请重新提交。',
    '- Reason: Read again before the run, the approval held no longer. Submit again if still wanted.',
  ],
  [
    'parked',
    { step: 'dispatch', error: 'ecs.ServiceUnavailable' },
    '- 原因：步骤 dispatch 未能在规定时间内完成（ecs.ServiceUnavailable）。请运维人员用 requests show 查看原因，处理后再次执行。',
    '- Reason: The step dispatch was not finished in its time (ecs.ServiceUnavailable). An operator should find out why (requests show), then run it again.',
  ],
  [
    'brand_new',
    { x: 'y' },
    '- 原因：代码为 brand_new，请联系管理员。',
    '- Reason: Code brand_new; please ask an administrator.',
  ],
];

test.each(REFUSALS)('%s %j is told in both languages', (code, values, zh, en) => {
  expect(refused(code, values, 'zh-CN')).toBe(zh);
  expect(refused(code, values, 'en')).toBe(en);
});

test('every code that has a text is in the table', () => {
  const told = REFUSALS.map(([code]) => code).filter((code) => code !== 'brand_new');
  expect([...told, 'other'].sort()).toEqual(Object.keys(TEXTS.en.refusals).sort());
  expect(Object.keys(TEXTS['zh-CN'].refusals).sort()).toEqual(Object.keys(TEXTS.en.refusals).sort());
});

test('a refusal has no other reason beside its own', () => {
  const rendered = render({ end: 'Refused', refusal: { code: 'not_approved', values: {} } });
  expect(linesOf(rendered, '- Reason')).toHaveLength(1);
});

test.each([
  ['is never read as a template', '{accepted} {parameter} {', '{accepted} {parameter} {'],
  ['is no pattern of a replacement', "$& $1 $' $$", "$& $1 $' $$"],
  ['loses its markup', '**b** [x](http://evil) @all', '＊＊b＊＊ ［x］(http：//evil) ＠all'],
  ['stands on one line', 'a\n\n# b\r\n- c', 'a ＃ b - c'],
  ['loses what cannot be seen', '\u202ea\u200bb\u001b[31mc\0', 'abc'],
  ['is cut to 256 bytes', '中'.repeat(86), `${'中'.repeat(84)}…`],
  ['may be empty', '', ''],
])('a value in a reason %s', (_, value, shown) => {
  expect(refused('value_not_allowed', { parameter: 'note', value, accepted: 'a' }, 'en')).toBe(
    `- Reason: The value "${shown}" of "note" is not allowed. Accepted: a. Correct it and submit again.`,
  );
});

test('a value that the refusal does not carry leaves its place to be seen', () => {
  expect(refused('missing_field', {}, 'en')).toBe(
    '- Reason: The form has no value for "{parameter}". Fill it in and submit again.',
  );
});
