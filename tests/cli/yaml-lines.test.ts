import { lineOf, parseLinedYaml } from '../../cli/yaml-lines.ts';

const FILE = parseLinedYaml(`# a comment
chats: &chats
  it-ops:
    robot: { token: a,
      secret: b }

list:
  - one
  - name: two
    parts: [x,
      y]
404: number
again: *chats
`);

test.each<[string, PropertyKey[], number]>([
  ['the whole file', [], 2],
  ['a key', ['chats'], 2],
  ['a key below it', ['chats', 'it-ops', 'robot'], 4],
  ['a key in braces', ['chats', 'it-ops', 'robot', 'secret'], 5],
  ['a list item', ['list', 1], 9],
  ['a key of a list item', ['list', 1, 'parts'], 10],
  ['an item in brackets', ['list', 1, 'parts', 1], 11],
  ['a key that YAML reads as a number', ['404'], 12],
  ['what an alias stands for, at its anchor', ['again', 'it-ops'], 3],
  ['a missing key, at the map that lacks it', ['chats', 'it-ops', 'missing', 'deeper'], 3],
  ['a missing item, at its list', ['list', 7], 7],
  ['something below a plain value, at the value', ['404', 'x'], 12],
])('the line of %s', (_what, path, line) => {
  expect(lineOf(FILE, path)).toBe(line);
});

test('an empty file has one line', () => {
  expect(lineOf(parseLinedYaml(''), ['a', 'b'])).toBe(1);
});

test('what is wrong with the syntax comes with its line', () => {
  const { document } = parseLinedYaml('a: 1\na: 2\nb: [\n');
  expect(document.errors.map(({ code, linePos }) => [code, linePos?.[0].line])).toEqual([
    ['DUPLICATE_KEY', 2],
    ['BAD_INDENT', 4],
  ]);
});
