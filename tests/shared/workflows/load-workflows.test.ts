import { WorkflowsError } from '../../../shared/workflows/fault.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { changed, SAMPLE, variable } from './sample.ts';

/** The faults that the file is refused for; none if it loads. */
function faultsOf(file: unknown): readonly string[] {
  try {
    loadWorkflows(file);
    return [];
  } catch (error) {
    if (error instanceof WorkflowsError) return error.faults.map(({ message }) => message);
    throw error;
  }
}

/** Where, a value that is refused (undefined: the key is missing), the whole fault after the path, and the nearest that is accepted. */
type Row = [path: string, wrong: unknown, fault: string, right: unknown];

function refuseAndAccept(rows: readonly Row[]): void {
  test.each<Row>([...rows])('%s: %j is refused', (path, wrong, fault, right) => {
    expect(faultsOf(changed(SAMPLE, path, wrong))).toEqual([fault.replace('…', path)]);
    expect(faultsOf(changed(SAMPLE, path, right))).toEqual([]);
  });
}

const W = 'workflows.onboarding';
const PARAMETER = `${W}.parameters.emp_id`;
const { chats, commands, workflows } = SAMPLE;
const NAME_RULE = '…: a name is 1 to 32 of a-z, 0-9, _ and -, starting with a letter';
const INSTANCES = '…: must be a list of 1 to 100 texts, or a parameter and a map from its values to texts';
const long = (length: number) => '字'.repeat(length);

test('a file that keeps every rule is taken, with the defaults filled in', () => {
  const { onboarding } = loadWorkflows(SAMPLE).workflows;
  expect(onboarding).toEqual({
    ...workflows.onboarding,
    approvers: { min: 1, from: 'any' },
    run: { command: 'onboarding', instances: [variable('INSTANCE_IDS')], timeout: 60, offline: 'fail' },
    mode: 'run',
    on_revoke: 'ask',
    start_message: false,
    mention: ['requester'],
    language: 'zh-CN',
    time_zone: 'Asia/Shanghai',
  });
});

test.each([[null], [undefined], [5], ['chats: {}'], [[SAMPLE]]])('a file that is %j is refused', (file) => {
  expect(faultsOf(file)).toEqual(['the file must be a map']);
});

test('a file that contains itself, as an alias can make it, is refused', () => {
  const cyclic: Record<string, unknown> = {};
  for (const name of ['chats', 'commands', 'workflows', 'again', 'and-again']) cyclic[name] = cyclic;
  expect(faultsOf(cyclic)).toContain('chats.chats has the unknown key chats, commands, workflows, again, and-again');
});

test('a file that is nested without end is refused', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
  expect(faultsOf(changed(SAMPLE, 'workflows', deep))).toEqual(['workflows must be a map']);
});

test('every fault is named, and the error says all of them', () => {
  const file = changed(changed(SAMPLE, `${W}.title`, ''), 'commands.onboarding.path', 'opt');
  expect(() => loadWorkflows(file)).toThrow(
    new WorkflowsError([
      { path: [], message: 'commands.onboarding.path: an absolute path with a folder, without blanks and ..' },
      { path: [], message: 'workflows.onboarding.title must not be empty' },
    ]),
  );
  expect(() => loadWorkflows(file)).toThrow(/^workflows\.yaml: commands.*blanks and \.\.; workflows.*empty$/);
});

describe('at the top', () => {
  refuseAndAccept([
    ['chats', undefined, '… must be a map', chats],
    ['chats', [], '… must be a map', chats],
    ['commands', null, '… must be a map', commands],
    ['workflows', undefined, '… must be a map', workflows],
    ['version', 1, 'the file has the unknown key version', undefined],
  ]);
});

describe('chats', () => {
  const chat = chats['it-ops'];
  refuseAndAccept([
    ['chats.IT', chat, NAME_RULE, undefined],
    ['chats.1st', chat, NAME_RULE, undefined],
    ['chats.运维', chat, NAME_RULE, undefined],
    [`chats.${'a'.repeat(33)}`, chat, NAME_RULE, undefined],
    ['chats.it-ops.wecom', {}, 'chats.it-ops has the unknown key wecom', undefined],
    ['chats.it-ops.dingtalk', 'SEC', '… must be a map', chat.dingtalk],
    ['chats.it-ops.dingtalk', {}, '…: exactly one of robot, group is needed', { group: { conversation: 'cid1' } }],
    [
      'chats.it-ops.dingtalk.group',
      { conversation: 'c' },
      'chats.it-ops.dingtalk: exactly one of robot, group is needed',
      undefined,
    ],
    ['chats.it-ops.lark', {}, '…: exactly one of bot, chat_id is needed', { chat_id: 'oc_1' }],
    [
      'chats.it-ops.lark',
      { bot: { token: '' } },
      'chats.it-ops.lark.bot.token must not be empty',
      { bot: { token: 't' } },
    ],
    ['chats.it-ops.dingtalk.webhook', 'x', 'chats.it-ops.dingtalk has the unknown key webhook', undefined],
    ['chats.it-ops.dingtalk.robot.access_token', undefined, '… must be a text', 't'],
    ['chats.it-ops.dingtalk.robot.access_token', '', '… must not be empty', 't'],
    ['chats.it-ops.dingtalk.robot.secret', 12345, '… must be a text', '12345'],
    ['chats.it-ops.dingtalk.robot.secret', 's'.repeat(257), '… must have at most 256 characters', 's'.repeat(256)],
  ]);
});

describe('commands', () => {
  const command = commands.onboarding;
  const inside = '…: a path inside the repository';
  const absolute = '…: an absolute path with a folder, without blanks and ..';
  const argument = '…: an argument is plain text or one {{parameter}}';
  refuseAndAccept([
    ['commands.On Boarding', command, NAME_RULE, undefined],
    ['commands.onboarding.shell', 'bash', 'commands.onboarding has the unknown key shell', undefined],
    ['commands.onboarding.script', undefined, '… must be a text', 'scripts/provision.sh'],
    ['commands.onboarding.script', '/etc/passwd', inside, 'etc/passwd'],
    ['commands.onboarding.script', '../provision.sh', inside, 'a-b/provision.sh'],
    ['commands.onboarding.script', 'scripts/../../x', inside, 'scripts/x'],
    ['commands.onboarding.script', 'scripts//x', inside, 'scripts/x-1.2_b'],
    ['commands.onboarding.script', '..', inside, 'x.sh'],
    ['commands.onboarding.script', '脚本.sh', inside, 'jiaoben/x.sh'],
    ['commands.onboarding.path', 'opt/provision.sh', absolute, '/opt/provision.sh'],
    ['commands.onboarding.path', '/provision.sh', absolute, '/opt/a/b/c/d/e/f/g'],
    ['commands.onboarding.path', '/opt/my script', absolute, '/opt/my-script'],
    ['commands.onboarding.path', "/opt/x'y", absolute, undefined],
    ['commands.onboarding.path', '/opt/$(x)', absolute, '/opt/x.sh'],
    ['commands.onboarding.path', '/opt/../x', absolute, '/opt/..x'],
    ['commands.onboarding.path', '/opt/.', absolute, '/opt/.x'],
    ['commands.onboarding.path', '', absolute, undefined],
    ['commands.onboarding.arguments', undefined, '… must be a list', []],
    ['commands.onboarding.arguments', '--a', '… must be a list', ['--a']],
    ['commands.onboarding.arguments', Array(41).fill('a'), '… must have at most 40 entries', Array(40).fill('a')],
    ['commands.onboarding.arguments.0', '', argument, '-'],
    ['commands.onboarding.arguments.0', 7, '… must be a text', '7'],
    ['commands.onboarding.arguments.0', 'two words', argument, 'two=words,a:b@c%d+e/f.g'],
    ['commands.onboarding.arguments.0', "it's", argument, 'its'],
    ['commands.onboarding.arguments.0', '$(id)', argument, 'id'],
    ['commands.onboarding.arguments.0', '`id`', argument, 'id'],
    ['commands.onboarding.arguments.0', '--id={{emp_id}}', argument, '{{emp_id}}'],
    ['commands.onboarding.arguments.0', '{{emp_id}}{{role}}', argument, '{{role}}'],
    ['commands.onboarding.arguments.0', '{{ emp_id }}', argument, '{{emp_id}}'],
    ['commands.onboarding.arguments.0', '{{ACS::InstanceId}}', argument, '{{request_id}}'],
    ['commands.onboarding.arguments.0', '{{emp_id}}\n', argument, '{{emp_id}}'],
    ['commands.onboarding.arguments.0', 'a'.repeat(129), argument, 'a'.repeat(128)],
  ]);
});

describe('a workflow', () => {
  const workflow = workflows.onboarding;
  const zone = '…: not a time zone, for example Asia/Shanghai';
  refuseAndAccept([
    ['workflows.On', workflow, NAME_RULE, undefined],
    [`${W}.owner`, '张三', `${W} has the unknown key owner`, undefined],
    [`${W}.title`, undefined, '… must be a text', '入职'],
    [`${W}.title`, '', '… must not be empty', ' '],
    [`${W}.title`, long(65), '… must have at most 64 characters', long(64)],
    [`${W}.on`, undefined, '… must be a map', workflow.on],
    [`${W}.on.feishu`, {}, `${W}.on has the unknown key feishu`, undefined],
    [`${W}.on.dingtalk`, {}, `${W}.on.dingtalk.process_code must be a text`, { process_code: 'PROC-1' }],
    [`${W}.on.dingtalk.process_code`, '', '… must not be empty', 'P'],
    [`${W}.parameters`, undefined, '… must be a map', workflow.parameters],
    [`${W}.run`, undefined, '… must be a map', workflow.run],
    [`${W}.run.user`, 'root', `${W}.run has the unknown key user`, undefined],
    [`${W}.run.instances`, 'i-1', INSTANCES, ['i-1']],
    [`${W}.run.instances`, [], '… must not be empty', ['i-1']],
    [`${W}.run.instances`, Array(101).fill('i'), INSTANCES, Array(100).fill('i')],
    [`${W}.run.instances.0`, '', '… must not be empty', 'i-1,i-2'],
    [
      `${W}.run.instances`,
      { parameter: 'role' },
      INSTANCES,
      { parameter: 'role', map: { devops: 'i-1', developer: 'i-2' } },
    ],
    [`${W}.run.timeout`, 9, '… must be at least 10', 10],
    [`${W}.run.timeout`, 86_401, '… must be at most 86400', 86_400],
    [`${W}.run.timeout`, 10.5, '… must be a whole number', 11],
    [`${W}.run.timeout`, '60', '… must be a number', 60],
    ...['wait', 'wait 0m', 'wait 25h', 'wait 2 h', 'later', ''].map(
      (wish): Row => [
        `${W}.run.offline`,
        wish,
        '…: fail, or wait and a time of 1m to 999m or 1h to 24h: wait 2h',
        'wait 24h',
      ],
    ),
    [`${W}.approvers`, [], '… must be a map', {}],
    [`${W}.approvers`, { max: 2 }, '… has the unknown key max', { min: 2 }],
    [`${W}.approvers`, { min: 0 }, '….min must be at least 1', { min: 1 }],
    [`${W}.approvers`, { min: 21 }, '….min must be at most 20', { min: 20 }],
    [`${W}.approvers`, { from: 'all' }, '….from: must be any, or a list of ids', { from: 'any' }],
    [`${W}.approvers`, { from: [] }, '….from must not be empty', { from: ['manager', '李四'] }],
    [`${W}.approvers`, { from: [''] }, '….from.0 must not be empty', { from: [' '] }],
    [`${W}.approvers`, { from: [5] }, '….from: must be any, or a list of ids', { from: ['5'] }],
    [`${W}.language`, 'zh', '… must be zh-CN or en', 'zh-CN'],
    [`${W}.language`, 'EN', '… must be zh-CN or en', 'en'],
    [`${W}.time_zone`, 'Mars/Base', zone, 'Europe/Berlin'],
    [`${W}.time_zone`, '', zone, 'UTC'],
    [`${W}.time_zone`, 8, '… must be a text', 'Asia/Kathmandu'],
  ]);
});

describe('a parameter', () => {
  const nameRule = '…: a parameter name is 1 to 32 of a-z, 0-9 and _, starting with a letter';
  const oneRule = `${PARAMETER}: a parameter needs exactly one of one_of, pattern, text`;
  const fieldRule = '…: must be a text, or a map with a text for each platform';
  const listRule = '….one_of: must be a list of 1 to 100 texts, or a map from option to text';
  const safe = (at: string) => `….one_of.${at}: printable ASCII without ' \\ { }`;
  const text = { field: 'x', text: true };
  const oneOf = (one_of: unknown) => ({ field: 'x', one_of });
  refuseAndAccept([
    [`${W}.parameters.Emp`, text, nameRule, undefined],
    [`${W}.parameters.2nd`, text, nameRule, undefined],
    [`${W}.parameters.emp-2`, text, nameRule, undefined],
    [`${W}.parameters.工号`, text, nameRule, undefined],
    [PARAMETER, 'TextField-EMPID', '… must be a map', text],
    [`${PARAMETER}.default`, 'E1', `${PARAMETER} has the unknown key default`, undefined],
    [`${PARAMETER}.field`, undefined, fieldRule, '工号'],
    [`${PARAMETER}.field`, 5, fieldRule, '5'],
    [`${PARAMETER}.field`, '', '… must not be empty', ' '],
    [`${PARAMETER}.field`, { dingtalk: 5 }, fieldRule, { dingtalk: '5' }],
    [`${PARAMETER}.field`, { wecom: 'x' }, '… has the unknown key wecom', { dingtalk: 'x', lark: 'y' }],
    [`${PARAMETER}.field`, { dingtalk: '' }, '….dingtalk must not be empty', { lark: 'y' }],
    [`${PARAMETER}.field`, long(129), '… must have at most 128 characters', long(128)],
    [PARAMETER, { field: 'x' }, oneRule, { field: 'x', pattern: '.' }],
    [PARAMETER, { ...text, pattern: '.' }, oneRule, { field: 'x', text: false, pattern: '.' }],
    [PARAMETER, { ...text, one_of: ['a'] }, oneRule, oneOf(['a'])],
    [PARAMETER, { ...oneOf(['a']), pattern: '.' }, oneRule, oneOf({ a: 'b' })],
    [PARAMETER, { field: 'x', text: false }, oneRule, text],
    [PARAMETER, { field: 'x', text: 'yes' }, '….text must be true or false', text],
    [`${PARAMETER}.pattern`, '[', '…: not a regular expression', '\\['],
    [`${PARAMETER}.pattern`, 'a)|(b', '…: not a regular expression', '(a)|(b)'],
    [`${PARAMETER}.pattern`, '\\p{Foo}', '…: not a regular expression', '\\p{Script=Han}'],
    [`${PARAMETER}.pattern`, '', '… must not be empty', '.*'],
    [`${PARAMETER}.pattern`, 'x'.repeat(513), '… must have at most 512 characters', 'x'.repeat(512)],
    [PARAMETER, oneOf([]), '….one_of must not be empty', oneOf(['a'])],
    [PARAMETER, oneOf({}), '….one_of: a map from option to text needs an entry', oneOf({ '{': 'a' })],
    [PARAMETER, oneOf('devops'), listRule, oneOf(['devops'])],
    [PARAMETER, oneOf([1]), listRule, oneOf(['1'])],
    [PARAMETER, oneOf({ 一: 1 }), listRule, oneOf({ 一: '1' })],
    [PARAMETER, oneOf({ '': 'a' }), listRule, oneOf({ ' ': 'a' })],
    [PARAMETER, oneOf(Array(101).fill('a')), listRule, oneOf(Array(100).fill('a'))],
    [PARAMETER, oneOf(['']), '….one_of.0 must not be empty', oneOf([' '])],
    [PARAMETER, oneOf(['a', "it's"]), safe('1'), oneOf(['a', '"$(id)`;&|<>*?~#!'])],
    [PARAMETER, oneOf(['a\\']), safe('0'), oneOf(['a/'])],
    [PARAMETER, oneOf(['{{x}}']), safe('0'), oneOf(['[[x]]'])],
    [PARAMETER, oneOf(['a\n']), safe('0'), oneOf(['a '])],
    [PARAMETER, oneOf(['运维']), safe('0'), oneOf({ 运维: 'devops' })],
    [PARAMETER, oneOf({ 运维: '🚀' }), safe('运维'), oneOf({ '🚀': 'rocket' })],
    [PARAMETER, oneOf(['a'.repeat(129)]), '….one_of.0 must have at most 128 characters', oneOf(['a'.repeat(128)])],
    [`${PARAMETER}.max_length`, 0, '… must be at least 1', 1],
    [`${PARAMETER}.max_length`, 4097, '… must be at most 4096', 4096],
    [`${PARAMETER}.max_length`, 1.5, '… must be a whole number', 2],
    [`${PARAMETER}.optional`, 'no', '… must be true or false', false],
    [`${PARAMETER}.hint`, '', '… must not be empty', '字母 E'],
    [`${PARAMETER}.hint`, long(129), '… must have at most 128 characters', long(128)],
  ]);
});
