import fc from 'fast-check';
import { headBytes, oneLine, stripInvisible, tailBytes, tailStart } from '../../../shared/message/neutralise.ts';

const FAMILY = '👨‍👩‍👧‍👦';

describe('what cannot be seen goes', () => {
  test.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a cursor that moves', 'a\u001b[2J\u001b[10;20Hb\u001b[?25lc', 'abc'],
    ['a sequence of one character', 'a\u001bcb\u001b(Bd', 'abd'],
    ['an eight-bit sequence', 'a\u009b31mb', 'ab'],
    ['a title of a window', 'a\u001b]0;evil\u0007b', 'ab'],
    ['a link of a terminal', '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a title without an end, up to the end of its line', 'a\u001b]0;evil\nb', 'a\nb'],
    ['an escape alone', 'a\u001b', 'a'],
    ['escapes within escapes, whose rest is plain text', '\u001b\u001b[31m[31mx', '[31mx'],
    ['a NUL, a bell and a backspace', 'a\0\u0007\bb', 'ab'],
    ['vertical tab, form feed and delete', 'a\v\f\u007fb', 'ab'],
    ['C1 controls', 'a\u0080\u0085\u009fb', 'ab'],
    ['bidirectional overrides', '\u202eevil\u202c \u202a\u202b\u202d', 'evil '],
    ['bidirectional isolates', '\u2066a\u2067b\u2068c\u2069', 'abc'],
    ['bidirectional marks', 'a\u200eb\u200fc\u061cd', 'abcd'],
    ['zero-width spaces', 'a\u200bb\u200cc\u2060d\ufeffe', 'abcde'],
    ['soft hyphens', 'pass\u00adword', 'password'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'abc'],
    ['tags that hide a text', 'a\u{e0001}\u{e0041}\u{e007f}b', 'ab'],
    ['interlinear annotations', 'a\ufff9b\ufffac\ufffbd', 'abcd'],
  ])('%s', (_, text, expected) => {
    expect(stripInvisible(text)).toBe(expected);
  });

  test.each([
    ['中文', '你好，世界。'],
    ['a family', FAMILY],
    ['flags and skin tones', '🇨🇳 👍🏽 ❤️'],
    ['Arabic and Hebrew', 'مرحبا שלום'],
    ['accents in two code points', 'e\u0301'],
    ['tabs and lines', '\ta\n\n b '],
    ['brackets like those of a sequence', '[31mred ]0;x'],
    ['markup', '**a** <b> `c`'],
    ['nothing', ''],
  ])('%s stays', (_, text) => {
    expect(stripInvisible(text)).toBe(text);
  });

  test.each([
    ['CR LF and CR are line feeds', 'a\r\nb\rc\n\rd', 'a\nb\nc\n\nd'],
    ['half an emoji is a mark', 'a\ud83db', 'a\ufffdb'],
    ['two halves do not become an emoji once what stands between them is gone', '\ud83d\u200b\ude80', '\ufffd\ufffd'],
  ])('%s', (_, text, expected) => {
    expect(stripInvisible(text)).toBe(expected);
  });

  test('of any text nothing is left that steers a terminal or the direction of reading', () => {
    const part = fc.oneof(
      fc.constantFrom('\u001b', '\u001b[', '\u001b]', '31m', '\u009b', '\u202e', '\u200b', '\r', '\n', '中', FAMILY),
      fc.string({ unit: 'binary' }),
      fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const stripped = stripInvisible(parts.join(''));
        expect(stripped).not.toMatch(
          /(?![\t\n])[\p{Cc}\p{Surrogate}\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u,
        );
        expect(stripInvisible(stripped)).toBe(stripped);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('one line', () => {
  test.each([
    ['lines become blanks', 'a\n\n b\r\nc\td', 100, 'a b c d'],
    ['blanks of any kind are one', 'a\u00a0\u3000  b', 100, 'a b'],
    ['it is trimmed', ' \n a \t', 100, 'a'],
    ['invisible text is nothing', '\u200b\u202e\n', 100, ''],
    ['what fits stays whole', '中文', 6, '中文'],
    ['an ellipsis shows a cut and counts', 'abcdefg', 6, 'abc…'],
    ['中文 is cut at a character', '中文字', 8, '中…'],
    ['an emoji is cut whole', 'a🚀🚀', 8, 'a🚀…'],
    ['an emoji that does not fit goes whole', 'a🚀🚀', 7, 'a…'],
    ['a family may lose members and stays text', FAMILY, 12, '👨‍…'],
  ])('%s', (_, text, maxBytes, expected) => {
    expect(oneLine(text, maxBytes)).toBe(expected);
  });
});

/** A text, a limit in bytes, its head and its tail. */
describe('head and tail', () => {
  test.each([
    ['abc', 2, 'ab', 'bc'],
    ['abc', 3, 'abc', 'abc'],
    ['abc', 4, 'abc', 'abc'],
    ['abc', 0, '', ''],
    ['', 5, '', ''],
    ['中文', 3, '中', '文'],
    ['中文', 4, '中', '文'],
    ['中文', 5, '中', '文'],
    ['中文', 2, '', ''],
    ['中文', 6, '中文', '中文'],
    ['🚀🙂', 4, '🚀', '🙂'],
    ['🚀🙂', 7, '🚀', '🙂'],
    ['🚀🙂', 3, '', ''],
    [FAMILY, 7, '👨‍', '‍👦'],
    [FAMILY, 24, '👨‍👩‍👧‍', '‍👩‍👧‍👦'],
    [FAMILY, 25, FAMILY, FAMILY],
    ['é', 1, '', ''],
  ])('of %j in %i bytes are %j and %j', (text, maxBytes, head, tail) => {
    expect(headBytes(text, maxBytes)).toBe(head);
    expect(tailBytes(Buffer.from(text), maxBytes)).toBe(tail);
  });

  test('a negative limit leaves nothing of a head', () => {
    expect(headBytes('abc', -1)).toBe('');
  });

  test('bytes that are no UTF-8 are not skipped', () => {
    const bytes = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
    expect(tailStart(bytes, 5)).toBe(1);
    expect(tailStart(bytes, 4)).toBe(2);
    expect(tailBytes(bytes, 5)).toBe('\ufffd'.repeat(5));
  });

  test('of any text are the longest that fit and break no character', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(text, fc.nat(40), (whole, maxBytes) => {
        const characters = [...whole];
        const fits = (part: readonly string[]) => Buffer.byteLength(part.join('')) <= maxBytes;
        const counts = [...Array(characters.length + 1).keys()].reverse();
        const head = counts.map((count) => characters.slice(0, count)).find(fits) ?? [];
        const tail = counts.map((count) => characters.slice(characters.length - count)).find(fits) ?? [];
        expect(headBytes(whole, maxBytes)).toBe(head.join(''));
        expect(tailBytes(Buffer.from(whole), maxBytes)).toBe(tail.join(''));
      }),
      { numRuns: 500 },
    );
  });
});
