import * as fc from 'fast-check';
import { escapeMarkdown } from '../../../shared/message/escape-markdown.ts';

test.each([
  ['bold', '**重要**', '＊＊重要＊＊'],
  ['emphasis', '_a_ __b__', '＿a＿ ＿＿b＿＿'],
  ['a link', '[点我](http://evil.example)', '［点我］(http：//evil.example)'],
  ['an image', '![x](https://x)', '！［x］(https：//x)'],
  ['an address', 'HTTPS://a.b dingtalk://x', 'HTTPS：//a.b dingtalk：//x'],
  ['an address without protocol', 'www.evil.example WWW.x', 'www。evil.example WWW。x'],
  ['code', '`rm -rf` ```x```', '｀rm -rf｀ ｀｀｀x｀｀｀'],
  ['a heading', '# a\n## b', '＃ a\n＃＃ b'],
  ['a quotation', '> a', '＞ a'],
  ['HTML', '<font color="red">x</font>', '＜font color="red"＞x＜/font＞'],
  ['a mention', '@所有人 @all', '＠所有人 ＠all'],
  ['a table', '|a|b|', '｜a｜b｜'],
  ['struck out', '~~a~~', '～～a～～'],
  ['an escape', '\\*a\\*', '＼＊a＼＊'],
  ['a list', '- a\n+ b\n  - c', '－ a\n＋ b\n  － c'],
  ['a numbered list', '1. a\n12) b', '1． a\n12） b'],
  ['an item without text', 'a\n-', 'a\n－'],
  ['a rule', '---\n- - -', '－－－\n－ - -'],
  ['an underlined heading', 'a\n===\nb\n---', 'a\n＝＝＝\nb\n－－－'],
])('%s is no markup any more', (_, text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

test.each([
  ['中文 and an emoji', '张三提交的入职 🎉👨‍👩‍👧'],
  ['a name with underscores inside', 'emp_id dev_ops_1'],
  ['a number and a date', '5.5 2026-01-02 1-2 +86'],
  ['a sum', 'a = b - c + d'],
  ['punctuation', '你好，世界。 (a) "b" \'c\' a/b: c; $5 & %'],
  ['lines', 'a\nb\r\n\r\nc'],
  ['nothing', ''],
])('%s stays as it is', (_, text) => {
  expect(escapeMarkdown(text)).toBe(text);
});

test('nothing that is markup survives, and escaping twice changes nothing', async () => {
  const piece = fc.constantFrom(...'*`#![]<>|~\\@_-+=. \n1)(:/wa中🙂'.split(''), '://', 'www.');
  const text = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme' }),
  );
  await fc.assert(
    fc.property(text, (original) => {
      const escaped = escapeMarkdown(original);
      expect(escaped).not.toMatch(/[*`#![\]<>|~\\@]|:\/\/|^[ \t]*([-+]|\d+[.)])(\s|$)|\bwww\./im);
      expect(escapeMarkdown(escaped)).toBe(escaped);
      expect(escaped.split('\n')).toHaveLength(original.split('\n').length);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  [':OK: :FIRE:', '：OK: ：FIRE:'],
  ['12:30:45', '12:30:45'],
  ['root:x:0', 'root：x:0'],
])('%s reads as %s: a name between colons is a picture in Lark', (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});
