import {
  fillBuiltIns,
  fillParameters,
  parameterNames,
  readParameters,
} from '../../../local/cloud-assistant/command-parameters.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `{{p${i}}}`).join(' ');

test.each([
  ['no reference', 'echo {single} { {apart} }', []],
  ['blanks and line breaks inside the braces', 'echo {{ a }} {{\n\tb\r\n}}', ['a', 'b']],
  ['one name in two spellings', '{{Emp_ID}} {{emp_id}} {{EMP_ID}}', ['Emp_ID']],
  ['built-ins and the parameter store', '{{ACS::InvokeId}} {{ ACS :: X }} {{oos:a}} {{oos-secret:b}}', []],
  ['text that is not ASCII around it', '你好 {{a}} 🙂', ['a']],
  ['a name of 64 bytes', `{{${'n'.repeat(64)}}}`, ['n'.repeat(64)]],
  ['twenty names', numbered(20), Array.from({ length: 20 }, (_, i) => `p${i}`)],
])('names are found: %s', (_name, content, names) => {
  expect(parameterNames(Buffer.from(content))).toEqual(names);
});

test.each([
  ['an empty name', '{{ }}', 'CmdParam.EmptyKey'],
  ['a name with a blank', '{{a b}}', 'CmdParam.InvalidParamName'],
  ['a name that is not ASCII', '{{名}}', 'CmdParam.InvalidParamName'],
  ['the reserved prefix in another spelling', '{{acs::RegionId}}', 'CmdParam.InvalidParamName'],
  ['a name of 65 bytes', `{{${'n'.repeat(65)}}}`, 'CmdParamName.ExceedLimit'],
  ['twenty-one names', numbered(21), 'CmdParamCount.ExceedLimit'],
])('a command is refused for %s', (_name, content, code) => {
  expect(() => parameterNames(Buffer.from(content))).toThrow(expect.objectContaining({ code }));
});

const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, '']));

test.each<[string, string | undefined, string[] | 'disabled', Record<string, string>]>([
  ['none', undefined, 'disabled', {}],
  ['an empty object, parameters switched off', '{}', 'disabled', {}],
  ['fewer than defined', '{"a":"中文 🙂"}', ['a', 'b'], { a: '中文 🙂' }],
  ['another spelling', '{"EMP_ID":"E1"}', ['emp_id'], { EMP_ID: 'E1' }],
  ['ten', JSON.stringify(ten), Object.keys(ten), ten],
])('parameters of a run are accepted: %s', (_name, json, names, parameters) => {
  expect(readParameters(json, names)).toEqual(parameters);
});

test.each<[string, string, string[] | 'disabled', string]>([
  ['half a JSON text', '{"a":', ['a'], 'InvalidParameter.Parameters'],
  ['a list', '["a"]', ['a'], 'InvalidParameter.Parameters'],
  ['a number as value', '{"a":1}', ['a'], 'ParameterType.NotSupported'],
  ['parameters switched off', '{"a":"1"}', 'disabled', 'Parameter.Disabled'],
  ['an unknown name', '{"b":"1"}', ['a'], 'Parameter.NotMatched'],
  ['one name in two spellings', '{"a":"1","A":"2"}', ['a'], 'ParameterKey.Duplicate'],
  ['an empty name', '{"":"1"}', ['a'], 'ParameterKey.ExceedLimit'],
  ['a name of 65 characters', `{"${'n'.repeat(65)}":"1"}`, ['a'], 'ParameterKey.ExceedLimit'],
  ['eleven', JSON.stringify({ ...ten, p10: '' }), ['p0'], 'ParameterCount.ExceedLimit'],
])('parameters of a run are refused: %s', (_name, json, names, code) => {
  expect(() => readParameters(json, names)).toThrow(expect.objectContaining({ code }));
});

test.each<[string, string, Record<string, string>, string]>([
  ['as plain text, without quoting', 'echo {{a}}', { a: "x'; rm -rf /; $(id)\n" }, "echo x'; rm -rf /; $(id)\n"],
  ['whatever their spelling', '{{ A }}{{a}}', { a: '中文 🙂' }, '中文 🙂中文 🙂'],
  ['by nothing when not passed', '[{{a}}]', {}, '[]'],
  ['once: a value is not looked through', '{{a}}', { a: '{{b}}', b: 'no' }, '{{b}}'],
  ['with dollar signs as they are', '{{a}}', { a: '$& $1' }, '$& $1'],
  ['and built-ins are left to the agent', '{{ACS::InvokeId}} {{a}}', { a: '1' }, '{{ACS::InvokeId}} 1'],
])('names are replaced %s', (_name, content, parameters, script) => {
  expect(fillParameters(Buffer.from(content), parameters).toString()).toBe(script);
});

test('bytes that are not UTF-8 stay as they are', () => {
  const content = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{{a}}'), Buffer.from([0x80])]);
  expect(fillParameters(content, { a: 'é' })).toEqual(Buffer.from([0xff, 0xfe, 0xc3, 0xa9, 0x80]));
});

const BUILT_INS = {
  RegionId: 'cn-hangzhou',
  AccountId: '1234567890123456',
  InstanceId: 'i-1',
  InstanceName: '机器 🙂',
  InvokeId: 't-1',
  CommandId: 'c-1',
};

test.each([
  ['{{ACS::RegionId}} {{ACS::AccountId}} {{ACS::InstanceId}}', 'cn-hangzhou 1234567890123456 i-1'],
  ['{{ ACS :: InstanceName }} {{ACS::InvokeId}} {{ACS::CommandId}}', '机器 🙂 t-1 c-1'],
  ['{{other}}', '{{other}}'],
])('the agent resolves %s', (content, script) => {
  expect(fillBuiltIns(Buffer.from(content), BUILT_INS).toString()).toBe(script);
});

test.each([
  ['{{ACS::Nothing}}', 'InvalidSystemBuiltInParameter'],
  ['{{oos:name}}', 'QueryParameterStoreFailed'],
  ['{{oos-secret:name}}', 'QueryParameterStoreFailed'],
])('the agent gives up on %s', (content, errorCode) => {
  expect(fillBuiltIns(Buffer.from(content), BUILT_INS)).toBe(errorCode);
});
