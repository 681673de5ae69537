import fc from 'fast-check';

const levels = fc.integer({ min: 1, max: 400 });
const few = fc.integer({ min: 1, max: 20 });

/** Anchors that hold the one before several times: the text is short, what it stands for is not. */
function bomb(lines: number, width: number): string {
  const items = (name: string) => Array.from({ length: width }, () => name).join(', ');
  const line = (index: number) => `a${index}: &a${index} [${items(index === 0 ? 'x' : `*a${index - 1}`)}]`;
  return Array.from({ length: lines }, (_, index) => line(index)).join('\n');
}

const cyclic = fc
  .tuple(fc.constantFrom('chats', 'commands', 'workflows', 'x'), fc.integer({ min: 1, max: 6 }))
  .map(([key, count]) => {
    const members = Array.from({ length: count }, (_, index) => `  w${index}: *top`);
    return `${key}: &top\n${members.join('\n')}\n`;
  });

/** Things inside a workflows.yaml that only a whole file shows. */
const token = fc.constantFrom(
  ...[
    'a: ',
    '- ',
    '? a',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '!!binary ',
    '!!str ',
    '!!set ',
    '!local ',
    '| ',
    '>-\n',
    '"',
    "'",
  ],
  ...[
    '<<: *x',
    '\n',
    '\n  ',
    '\t',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '# c\n',
    'null',
    '~',
    '.inf',
    '0x1F',
    '2001-01-01',
  ],
  ...['chats:', 'workflows:', 'commands:', '部门', '\u{feff}', '\0', ',', ': ', '!!map ', '!!omap '],
);

/**
 * Text that is hardly a workflows.yaml. Keys that are nested with `? ` stay few: the parser writes each of them as a
 * text inside the one before, which takes the fourth power of their number.
 */
export const garbageYaml: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')) },
  levels.map((count) => `workflows: ${'['.repeat(count)}${']'.repeat(count)}`),
  levels.map((count) => `chats: ${'{a: '.repeat(count)}1${'}'.repeat(count)}`),
  levels.map((count) => '- '.repeat(count)),
  few.map((count) => '? '.repeat(count)),
  levels.map((count) => Array.from({ length: count }, (_, index) => `${' '.repeat(index)}a:`).join('\n')),
  fc.tuple(few, few).map(([lines, width]) => bomb(lines, width)),
  cyclic,
  few.map((count) => `workflows: &a [${'*a, '.repeat(count)}]`),
  fc.constantFrom('&a [*a]', 'a: &a\n  <<: *a\n', '*nobody', '!!binary "####"', '? *a\n: &a 1', '!!set {a, b}'),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
