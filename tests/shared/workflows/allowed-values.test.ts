import fc from 'fast-check';
import { mapParameters } from '../../../shared/workflows/map-parameters.ts';
import { workflowWith } from './sample.ts';

/** What becomes of a value: the parameter as it may run, or what the refusal says. */
function outcome(rule: Readonly<Record<string, unknown>>, value: string): unknown {
  const workflow = workflowWith({ p: { field: 'f', ...rule } });
  const mapped = mapParameters(workflow, 'dingtalk', [{ names: ['f'], value }]);
  if (mapped.kind === 'parameters') return mapped.parameters['p'];
  const { code, values } = mapped.refusal;
  return code === 'value_not_allowed' ? { shown: values['value'], accepted: values['accepted'] } : { code };
}

const REFUSED = { shown: expect.any(String), accepted: expect.any(String) };

describe('a pattern', () => {
  test.each<[string, string, boolean]>([
    ['E[0-9]{3,8}', 'E123', true],
    ['E[0-9]{3,8}', 'E123\n', false],
    ['E[0-9]{3,8}', '\nE123', false],
    ['E[0-9]{3,8}', 'E123\r', false],
    ['E[0-9]{3,8}', 'E123\u2028', false],
    ['E[0-9]{3,8}', ' E123', false],
    ['E[0-9]{3,8}', 'E123 ', false],
    ['E[0-9]{3,8}', 'xE123', false],
    ['E[0-9]{3,8}', 'E123; reboot', false],
    ['E[0-9]{3,8}', 'e123', false],
    ['E[0-9]{3,8}', 'Е123', false], // a Cyrillic Е
    ['E[0-9]{3,8}', 'E１２３', false], // full-width digits
    ['E[0-9]{3,8}', 'E١٢٣', false], // Arabic digits
    ['E\\d{3,8}', 'E१२३', false], // Devanagari digits
    ['E[0-9]{3,8}', 'E12\u200b3', false], // a zero-width space
    ['E[0-9]{3,8}', '\u202eE123', false], // right-to-left override
    ['E[0-9]{3,8}', 'E123\0', false],
    ['a|b', 'b', true],
    ['a|b', 'ab', false],
    ['a|b', 'a\nb', false],
    ['^a$', 'a', true],
    ['[a-z-]+', '-rf', true],
    ['[a-z][a-z-]*', '-rf', false],
    ['[a-z]+', 'null', true],
    ['[a-z_]+', '__proto__', true],
    ['[a-z]+', 'constructor', true],
    ['.', ' ', true],
  ])('%j lets %j through: %j', (pattern, value, passes) => {
    expect(outcome({ pattern }, value)).toEqual(passes ? value : REFUSED);
  });

  /** Even `.*` lets through only what Cloud Assistant may paste between single quotes. */
  test.each<[string, boolean]>([
    ['$(id)', true],
    ['$&', true],
    ["$'", false],
    ['`id`', true],
    ['"a" && b | c > d; e', true],
    ['*?[]~#!%^=+,.:@/<>()', true],
    ["it's", false],
    ["'; id; '", false],
    ['a\\', false],
    ['{{x}}', false],
    ['{', false],
    ['}', false],
    ['a\tb', false],
    ['a\nb', false],
    ['a\u007fb', false],
    ['a\0', false],
    ['\u001b[31m', false],
    ['中文', false],
    ['🚀', false],
    ['é', false],
    ['a\u00a0b', false],
    ['\ud800', false],
  ])('that lets everything through has %j: %j', (value, passes) => {
    expect(outcome({ pattern: '[^]*' }, value)).toEqual(passes ? value : REFUSED);
  });

  test('of 中文 can never be met, so the value is refused and not cleaned up', () => {
    expect(outcome({ pattern: '\\p{Script=Han}+' }, '张三')).toEqual({
      shown: '张三',
      accepted: '\\p{Script=Han}+ (≤ 64 B)',
    });
  });
});

describe('free text', () => {
  test.each([
    ['lines', 'a\r\nb\n\n'],
    ['blanks around', '  a  '],
    ['quotes and backticks', `it's "a" \`b\` \\`],
    ['placeholders', `{{x}} {{ACS::InstanceId}} ${'$'}{HOME} $(id) $& %s`],
    ['a leading dash', '-rf /'],
    ['"null"', 'null'],
    ['__proto__', '__proto__'],
    ['中文 and emoji', '随便写 👨‍👩‍👧‍👦 🇨🇳'],
    ['right-to-left text with marks', '\u202eabc\u202c \u200f\u05d0'],
    ['zero-width characters', 'a\u200bb\ufeff'],
    ['two spellings of é', 'e\u0301\u00e9'],
    ['controls', '\u0001\u001b[31m\u007f\u0085'],
    ['only blanks', ' \n\t'],
  ])('arrives unchanged: %s', (_, value) => {
    expect(outcome({ text: true }, value)).toBe(value);
  });

  test.each([
    ['a NUL, which no argument can hold', 'a\0b'],
    ['half an emoji', 'a\ud83d'],
    ['the other half', '\ude80a'],
    ['two halves the wrong way round', '\ude80\ud83d'],
  ])('is refused with %s', (_, value) => {
    expect(outcome({ text: true }, value)).toEqual(REFUSED);
  });

  test('whatever it holds, it is the same text or it is refused', () => {
    const units = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes));
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), units);
    fc.assert(
      fc.property(text, (value) => {
        const isBytes = !value.includes('\0') && !/\p{Surrogate}/u.test(value) && Buffer.byteLength(value) <= 4096;
        const expected = value === '' ? { code: 'missing_field' } : isBytes ? value : REFUSED;
        expect(outcome({ text: true, max_length: 4096 }, value)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('max_length counts bytes of UTF-8', () => {
  test.each<[string, Record<string, unknown>, string, boolean]>([
    ['64 by default', { text: true }, 'a'.repeat(64), true],
    ['64 by default', { text: true }, 'a'.repeat(65), false],
    ['64 by default', { pattern: 'a+' }, 'a'.repeat(64), true],
    ['64 by default', { pattern: 'a+' }, 'a'.repeat(65), false],
    ['three for 中', { text: true, max_length: 6 }, '中文', true],
    ['three for 中', { text: true, max_length: 5 }, '中文', false],
    ['four for an emoji', { text: true, max_length: 4 }, '🚀', true],
    ['four for an emoji', { text: true, max_length: 3 }, '🚀', false],
    ['25 for a family', { text: true, max_length: 25 }, '👨‍👩‍👧‍👦', true],
    ['25 for a family', { text: true, max_length: 24 }, '👨‍👩‍👧‍👦', false],
    ['any number on a list', { one_of: { [`${'长'.repeat(100)}`]: 'x' } }, '长'.repeat(100), true],
    ['as given on a list', { one_of: ['abc', 'ab'], max_length: 2 }, 'ab', true],
    ['as given on a list', { one_of: ['abc', 'ab'], max_length: 2 }, 'abc', false],
    ['4096 at most', { text: true, max_length: 4096 }, 'a'.repeat(4096), true],
    ['4096 at most', { text: true, max_length: 4096 }, 'a'.repeat(4097), false],
  ])('%s: %j', (_, rule, value, passes) => {
    const one = rule['one_of'] && !Array.isArray(rule['one_of']) ? 'x' : value;
    expect(outcome(rule, value)).toEqual(passes ? one : REFUSED);
  });
});

describe('a refusal', () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    ['the pattern and its length', { pattern: 'E[0-9]+' }, 'X', 'E[0-9]+ (≤ 64 B)'],
    ['the length of a text', { text: true, max_length: 3 }, '中文', '≤ 3 B'],
    ['a list', { one_of: ['a', 'b c'] }, 'X', 'a, b c'],
    ['the options of a map, not what the script gets', { one_of: { 运维: 'devops', 开发: 'dev' } }, 'X', '运维, 开发'],
    ['the hint in place of all that', { pattern: 'E[0-9]+', hint: '字母 E 加数字' }, 'X', '字母 E 加数字'],
  ])('says what is accepted: %s', (_, rule, value, accepted) => {
    expect(outcome(rule, value)).toEqual({ shown: value, accepted });
  });

  test.each([
    ['as it is', 'e 12', 'e 12'],
    ['on one line', 'a\r\n\tb\n', 'a b '],
    ['without what cannot be seen', '\u202ea\u200bb\u001b[31mc\0', 'abc'],
    ['its first 64 bytes', `${'x'.repeat(62)}中文`, 'x'.repeat(62)],
    ['whole characters', '🚀'.repeat(17), '🚀'.repeat(16)],
    ['half an emoji as a mark', 'a\ud83d', 'a\ufffd'],
  ])('shows the value %s', (_, value, shown) => {
    expect(outcome({ one_of: ['a'] }, value)).toEqual({ shown, accepted: 'a' });
  });

  test('of a long list says as much as fits into 512 bytes', () => {
    const options = Object.fromEntries([...Array(100).keys()].map((index) => [`选项${index}`, 'x']));
    const names = Object.keys(options).join(', ');
    // Nine bytes for each of the first ten with its comma, ten for the next 42: 选 does not fit into the last two.
    const accepted = names.slice(0, names.indexOf('选项52'));
    expect(outcome({ one_of: options }, '无')).toEqual({ shown: '无', accepted });
  });
});
