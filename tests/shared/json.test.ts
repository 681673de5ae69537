import { parseJson } from '../../shared/json.ts';

test.each([
  ['an object', '{"名":"中文 🚀"}', { 名: '中文 🚀' }],
  ['a text', '"a"', 'a'],
  ['null', 'null', null],
])('reads %s, from a text and from bytes', (_, json, value) => {
  expect(parseJson(json)).toEqual(value);
  expect(parseJson(Buffer.from(json))).toEqual(value);
});

test.each(['', '{', '{"a":1}x', 'undefined', "{'a':1}", '\u0000'])('gives undefined for %j', (json) => {
  expect(parseJson(json)).toBeUndefined();
  expect(parseJson(Buffer.from(json))).toBeUndefined();
});
