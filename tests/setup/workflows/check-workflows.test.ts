import { checkTemplatesAgainst } from '../../../setup/workflows/check-templates.ts';
import { checkWorkflows } from '../../../setup/workflows/check-workflows.ts';
import { knownKeys } from '../../../setup/workflows/known-keys.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { changed, SAMPLE } from '../../shared/workflows/sample.ts';

const SCRIPTS = { 'scripts/provision.sh': '#!/bin/sh\nexit 0\n' };
const W = 'workflows.onboarding';
/** The sample with a command that uses all of its parameters. */
const FILE = changed(SAMPLE, `${W}.parameters.note`, undefined);

const lines = (file: unknown, scripts: Record<string, string | undefined> = SCRIPTS, variables = {}) =>
  checkWorkflows(file, scripts, variables).findings.map(({ severity, message }) => `${severity}: ${message}`);

test('the sample that all of this starts from is right', () => expect(lines(FILE)).toEqual([]));

test('what the format refuses is a fault, with the keys that are known at its place', () => {
  const { findings, workflows } = checkWorkflows(changed(FILE, `${W}.parameters.emp_id.patern`, 'x'), SCRIPTS, {});
  expect(workflows).toBeUndefined();
  expect(findings).toEqual([
    {
      severity: 'fault',
      path: ['workflows', 'onboarding', 'parameters', 'emp_id'],
      message: 'workflows.onboarding.parameters.emp_id has the unknown key patern',
      unknownKeys: ['patern'],
      knownKeys: ['field', 'one_of', 'pattern', 'text', 'max_length', 'optional', 'hint', 'aliases'],
    },
  ]);
});

test.each([
  [[], ['quota', 'chats', 'default_chat', 'operators', 'http_source', 'commands', 'workflows']],
  [
    ['chats', 'it-ops'],
    ['dingtalk', 'lark'],
  ],
  [
    ['commands', 'x'],
    ['script', 'path', 'arguments'],
  ],
  [
    ['workflows', 'x', 'approvers'],
    ['min', 'from'],
  ],
  [
    ['workflows', 'x', 'parameters', 'y', 'field'],
    ['dingtalk', 'lark'],
  ],
  [['workflows', 'x', 'parameters', 'y', 'one_of'], []],
  [['workflows'], []],
])('the known keys at %j', (path, keys) => expect(knownKeys(path)).toEqual(keys));

const pattern = (value: string) => changed(FILE, `${W}.parameters.emp_id.pattern`, value);
const BACKTRACKS = (value: string) =>
  `fault: ${W}.parameters.emp_id.pattern: "${value}" can take very long to refuse some values (backtracking); let no two repetitions match the same text`;

test.each([
  ['(E+)+', 'E+'],
  ['(a|a)*', '(a|b)*'],
  ['([a-z]+)*x', '[a-z]+x'],
  ['(E?[0-9]*)*', '(E[0-9]*)*'],
  ['(.*a){20}', 'a{20}'],
])('the pattern %s can backtrack without end, and %s cannot', (wrong, right) => {
  expect(lines(pattern(wrong))).toEqual([BACKTRACKS(wrong)]);
  expect(lines(pattern(right))).toEqual([]);
});

test.each([
  ['.*', '[a-z]+'],
  ['.+', 'x.'],
  ['.*|x', '[^ ]{2}'],
])('the pattern %s is no allow-list, and %s is one', (wrong, right) => {
  const what = `"${wrong}" takes whatever people type; say what is needed, or use text: true`;
  expect(lines(pattern(wrong))).toEqual([`fault: ${W}.parameters.emp_id.pattern: ${what}`]);
  expect(lines(pattern(right))).toEqual([]);
});

test('a pattern that backtracks without end is not tried on anything, so that the check ends too', () => {
  const endless = '(\\S*)*'.repeat(80);
  expect(lines(pattern(endless))).toEqual([BACKTRACKS(endless)]);
});

test('a pattern that the detector cannot read is a fault, not a crash', () => {
  const what = 'cannot be checked for backtracking; write it in simpler terms, for example without named groups';
  expect(lines(pattern('(?<id>E[0-9]+)'))).toEqual([`fault: ${W}.parameters.emp_id.pattern: "(?<id>E[0-9]+)" ${what}`]);
});

test('a pattern that wants 中文 could never match, since values are ASCII', () => {
  const what = '"[一-龥]+" wants 一, and values are printable ASCII; use one_of with a map, or text: true';
  expect(lines(pattern('[一-龥]+'))).toEqual([`fault: ${W}.parameters.emp_id.pattern: ${what}`]);
});

test('what only the app can do is worth a look in a shell that names the platform and lacks its credentials', () => {
  const file = changed(FILE, 'operators', { dingtalk: ['wangwu'] });
  const corp = { DINGTALK_CORP_ID: 'ding1', DINGTALK_APP_KEY: 'key' };
  expect(lines(file, SCRIPTS, corp)).toEqual([
    'warning: operators.dingtalk: only the app itself can do this, and this shell has not set DINGTALK_APP_SECRET; set it before you deploy, or leave this out',
  ]);
  expect(lines(file, SCRIPTS, { ...corp, DINGTALK_APP_SECRET: '秘密 🔑' })).toEqual([]);
  expect(lines(file)).toEqual([]);
});

test('a workflow that nothing starts is worth a look', () => {
  expect(lines(changed(FILE, `${W}.on`, {}))).toEqual([`warning: ${W}.on: nothing starts it`]);
});

test('a parameter that a platform has no field for would refuse every request of it', () => {
  const file = changed(FILE, `${W}.parameters.emp_id.field`, { lark: '工号' });
  const what = 'no field for dingtalk, which starts the workflow: every request of it would be refused';
  expect(lines(file)).toEqual([`fault: ${W}.parameters.emp_id.field: ${what}`]);
  expect(lines(changed(file, `${W}.parameters.emp_id.optional`, true))).toEqual([]);
});

describe('a value that begins with -', () => {
  const words = (...list: string[]) => changed(FILE, 'commands.onboarding.arguments', list);
  const dash = (file: unknown) => changed(file, `${W}.parameters.emp_id.pattern`, '-?[a-z]+');
  const what =
    'takes "-x", which the script could read as an option; put an option of its own in front of it, or let no value begin with -';

  test('is a fault where it stands alone, and none behind an option', () => {
    const fault = `fault: ${W}.parameters.emp_id: ${what}`;
    expect(lines(dash(words('{{emp_id}}', '--role', '{{role}}')))).toEqual([fault]);
    expect(lines(dash(words('add', '{{emp_id}}', '--role', '{{role}}')))).toEqual([fault]);
    expect(lines(dash(words('--emp-id', '{{emp_id}}', '--role', '{{role}}')))).toEqual([]);
  });

  test('counts on a list too', () => {
    const file = words('--emp-id', '{{emp_id}}', '{{role}}');
    expect(lines(file)).toEqual([]);
    expect(lines(changed(file, `${W}.parameters.role.one_of`, ['-x']))).toEqual([
      `fault: ${W}.parameters.role: ${what}`,
    ]);
  });
});

test('a parameter that nothing uses is worth a look', () => {
  expect(lines(changed(FILE, 'commands.onboarding.arguments', ['{{emp_id}}']))).toEqual([
    `warning: ${W}.parameters.role: nothing uses it: neither an argument of the command, nor run.instances, nor chat.parameter`,
  ]);
  const chosen = changed(changed(FILE, 'commands.onboarding.arguments', ['{{emp_id}}']), `${W}.chat.parameter`, 'role');
  expect(lines(changed(chosen, `${W}.parameters.role.one_of`, { 运维群: 'it-ops' }))).toEqual([]);
});

describe('a script', () => {
  const inline = changed(FILE, 'commands.onboarding.path', undefined);
  const at = 'fault: commands.onboarding.script:';
  const script = (text: string) => ({ 'scripts/provision.sh': text });

  test('has to be there', () => {
    expect(lines(FILE, {})).toEqual([`${at} there is no file scripts/provision.sh`]);
  });

  test('may hold a placeholder only where Cloud Assistant does not see it', () => {
    const text = 'useradd {{emp_id}}\n';
    const what = 'Cloud Assistant would replace {{emp_id}} in scripts/provision.sh, unquoted as it stands there';
    expect(lines(inline, script(text))).toEqual([`${at} ${what}; pass it in arguments, or give the script a path`]);
    expect(lines(FILE, script(text))).toEqual([]);
    expect(lines(inline, script('useradd "$1"\n'))).toEqual([]);
  });

  test.each([
    ['sent with each run', inline, 18_432, 24_576, 'RunCommand'],
    ['sent to the instances', FILE, 24_576, 32_768, 'SendFile'],
  ])('%s has a largest size, in bytes', (_, file, most, limit, operation) => {
    expect(lines(file, script('x'.repeat(most)))).toEqual([]);
    expect(lines(file, script(`${'x'.repeat(most - 3)}中🎉`))).toEqual([
      `${at} scripts/provision.sh has ${limit + 8} bytes in Base64, and ${operation} takes ${limit}`,
    ]);
  });
});

describe('instances', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `i-${index}`).join(',');
  const path = `${W}.run.instances`;

  test.each([
    ['spelled out', changed(FILE, path, [many(100)]), changed(FILE, path, [many(100), 'i-more']), {}, {}],
    ['from the shell', FILE, FILE, { INSTANCE_IDS: many(100) }, { INSTANCE_IDS: many(101) }],
  ])('%s are at most 100', (_, right, wrong, few, tooMany) => {
    expect(lines(right, SCRIPTS, few)).toEqual([]);
    expect(lines(wrong, SCRIPTS, tooMany)).toEqual([`fault: ${path}: 101 instances, and a run takes at most 100`]);
  });

  test('that do not look like instances are worth a look', () => {
    expect(lines(changed(FILE, path, ['web-1']))).toEqual([
      `warning: ${path}: "web-1" does not look like an instance id (i-…)`,
    ]);
  });
});

describe('an approval template that is spelled out', () => {
  const file = (code: string) => changed(FILE, `${W}.on.dingtalk.process_code`, code);

  test('is worth a look, since each environment of the file would run', () => {
    expect(lines(file('PROC-1'))).toEqual([
      `warning: ${W}.on.dingtalk: "PROC-1" is spelled out, so one approval starts a run in every environment of this file; use \${NAME} where there are several`,
    ]);
  });

  test('may not stand in the files of two environments', () => {
    const against = (code: string) =>
      checkTemplatesAgainst(loadWorkflows(file(code)), [{ name: 'prod.yaml', file: loadWorkflows(file('PROC-1')) }]);
    expect(against('PROC-2')).toEqual([]);
    expect(against('PROC-1').map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      `fault: ${W}.on.dingtalk: "PROC-1" starts a workflow of prod.yaml too: one approval would run in both environments`,
    ]);
  });
});
