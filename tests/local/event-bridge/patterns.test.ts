import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  compilePattern,
  compilePatternText,
  MAX_PATTERN_DEPTH,
  MAX_PATTERN_MEMBERS,
} from '../../../local/event-bridge/pattern/compile-pattern.ts';
import { InvalidPatternError } from '../../../local/event-bridge/pattern/invalid-pattern-error.ts';

const SPECIFICATION = readFileSync(join(__dirname, '../../../local/event-bridge/PATTERNS.md'), 'utf8');

const examples = [...SPECIFICATION.matchAll(/^\| `(.+?)` \| `(.+?)` \| (yes|no) \|$/gm)].map(
  ([, pattern = '', event = '', match]) => ({ pattern, event, matches: match === 'yes' }),
);
const refusals = [...SPECIFICATION.matchAll(/^\| `(.+?)` \| `(\$.*?)` \| (.+) \|$/gm)].map(
  ([, pattern = '', path = '', reason = '']) => ({ pattern, path, reason }),
);

function refusalOf(pattern: string): InvalidPatternError {
  try {
    compilePatternText(pattern);
  } catch (error) {
    if (error instanceof InvalidPatternError) return error;
  }
  throw new Error(`not refused: ${pattern.slice(0, 200)}`);
}

describe('PATTERNS.md', () => {
  test('has its tables read to the last row', () => {
    const rows = [...SPECIFICATION.matchAll(/^\| `[{[].*?` \| `/gm)].length;
    expect(examples.length + refusals.length).toBe(rows);
    expect(examples.length).toBeGreaterThan(90);
    expect(refusals.length).toBeGreaterThan(25);
  });

  test.each(examples)('$pattern on $event: $matches', ({ pattern, event, matches }) => {
    expect(compilePatternText(pattern).matches(JSON.parse(event))).toBe(matches);
  });

  test.each(refusals)('$pattern is refused at $path: $reason', ({ pattern, path, reason }) => {
    const refusal = refusalOf(pattern);
    expect(refusal.path).toBe(path);
    expect(refusal.message).toMatch(/^Event pattern is not valid, reason: /);
    expect(refusal.message).toContain(reason);
    expect(refusal.message).toContain(`(at ${path})`);
  });
});

describe('bounds', () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}["x"]${'}'.repeat(levels)}`;
  const values = (count: number) => JSON.stringify({ a: Array.from({ length: count }, (_, index) => index) });
  const listed = (count: number) =>
    JSON.stringify({ a: [{ 'anything-but': Array.from({ length: count }, (_, index) => index) }] });

  test.each([
    ['as many levels as allowed', nested(MAX_PATTERN_DEPTH)],
    ['as many values as allowed', values(MAX_PATTERN_MEMBERS - 1)],
    ['as many values inside anything-but as allowed', listed(MAX_PATTERN_MEMBERS - 2)],
    ['five expressions and any number of literals', '{"a":["1","2","3","4","5","6",{"prefix":"a"}]}'],
  ])('a pattern with %s is compiled', (_, pattern) => {
    expect(() => compilePatternText(pattern)).not.toThrow();
  });

  test.each([
    ['one level too many', nested(MAX_PATTERN_DEPTH + 1), 'nested deeper than 32 levels'],
    ['100,000 levels', nested(100_000), 'nested deeper than 32 levels'],
    ['one value too many', values(MAX_PATTERN_MEMBERS), 'more than 4096 keys and values'],
    ['one value too many inside anything-but', listed(MAX_PATTERN_MEMBERS - 1), 'more than 4096 keys and values'],
    ['half a text', '{"a":', 'the pattern is not JSON'],
  ])('a pattern with %s is refused', (_, pattern, reason) => {
    expect(refusalOf(pattern).message).toContain(reason);
  });

  test('a deeply nested event is only followed as far as the pattern goes', () => {
    const event: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect(compilePatternText('{"a":{"a":[{"exists":true}]}}').matches(event)).toBe(true);
  });

  test('a long name is cut in the message', () => {
    expect(refusalOf(JSON.stringify({ data: { ['名'.repeat(5_000)]: 'x' } })).message.length).toBeLessThan(250);
  });
});

/** The rules written a second time, as plainly as can be, to compare with. */
function naiveMatch(pattern: Record<string, unknown>, event: unknown): boolean {
  return Object.keys(pattern).every((key) => {
    const isRecord = typeof event === 'object' && event !== null && !Array.isArray(event);
    const field = isRecord && Object.hasOwn(event, key) ? Reflect.get(event, key) : undefined;
    const part = pattern[key];
    if (!Array.isArray(part)) return naiveMatch(part as Record<string, unknown>, field);
    return part.some((member) => naiveMember(member, field));
  });
}

function naiveMember(member: unknown, field: unknown): boolean {
  if (typeof member === 'object' && member !== null && 'exists' in member) {
    const { exists, ...others } = member;
    const rest = Object.keys(others).length === 0 || naiveMember(others, field);
    return exists === (field !== undefined) && rest;
  }
  if (field === undefined) return false;
  const elements: unknown[] = Array.isArray(field) ? field : [field];
  return elements.some((element) => naiveHolds(member, element));
}

function naiveHolds(member: unknown, element: unknown): boolean {
  if (typeof member !== 'object' || member === null) return member === element;
  return Object.entries(member).every(([operator, argument]) => {
    if (operator === 'anything-but') {
      const list = Array.isArray(argument) ? argument : [argument];
      return list.every((refused) => !naiveHolds(refused, element));
    }
    if (operator === 'numeric') return typeof element === 'number' && naiveNumeric(argument, element);
    if (typeof element !== 'string') return false;
    if (operator === 'prefix') return element.slice(0, argument.length) === argument;
    if (operator === 'suffix') return element.slice(-argument.length) === argument;
    if (operator === 'contains') return element.split(argument).length > 1;
    throw new Error(`the naive matcher does not know ${operator}`);
  });
}

function naiveNumeric([operator, bound, ...more]: unknown[], value: number): boolean {
  const limit = Number(bound);
  const holds =
    (operator === '=' && value === limit) ||
    (operator === '!=' && value !== limit) ||
    (String(operator).includes('<') && value < limit) ||
    (String(operator).includes('>') && value > limit) ||
    (String(operator).length === 2 && operator !== '!=' && value === limit);
  return holds && (more.length === 0 || naiveNumeric(more, value));
}

/** Small alphabets, so that patterns and events often meet. */
const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString', '部');
const text = fc.string({ unit: fc.constantFrom('x', 'y', '中', '🚀'), maxLength: 3 });
const someText = text.filter((value) => value !== '');
const number = fc.constantFrom(-1, 0, 0.5, 1, 2, 2.125, 1e9);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const comparison = fc.tuple(fc.constantFrom('=', '!=', '>', '>=', '<', '<='), number);
const numeric = fc.oneof(
  comparison,
  fc.tuple(comparison, comparison).map((pairs) => pairs.flat()),
);
const textOperator = fc.oneof(
  fc.record({ prefix: someText }),
  fc.record({ suffix: someText }),
  fc.record({ contains: someText }),
  fc.record({ prefix: someText, suffix: someText }),
  fc.record({ numeric }),
);
const anythingBut = fc.record({
  'anything-but': fc.oneof(
    scalar,
    fc.array(scalar, { minLength: 1, maxLength: 3 }),
    textOperator.filter((operator) => Object.keys(operator).length === 1),
  ),
});
const exists = fc.record({ exists: fc.boolean() }, { requiredKeys: ['exists'] });
const expression = fc.oneof(textOperator, anythingBut, exists, fc.record({ exists: fc.boolean(), prefix: someText }));
const leaf = fc.array(fc.oneof(scalar, expression), { minLength: 1, maxLength: 4 });

/** Objects whose `__proto__` is an own property, as JSON.parse makes them. */
const objectOf = <T>(value: fc.Arbitrary<T>, minLength: number) =>
  fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, minLength, maxLength: 3 })
    .map((entries): Record<string, T> => Object.fromEntries(entries));

const { fields } = fc.letrec<{ fields: Record<string, unknown>; part: unknown }>((tie) => ({
  fields: objectOf(tie('part'), 1),
  part: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('fields')),
}));
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    objectOf(tie('json'), 0),
  ),
}));

describe('properties', () => {
  test('the compiled pattern agrees with the naive matcher', () => {
    let matched = 0;
    fc.assert(
      fc.property(fields, objectOf(json, 0), (data, event) => {
        const matches = compilePattern({ data }).matches({ data: event });
        matched += matches ? 1 : 0;
        expect(matches).toBe(naiveMatch({ data }, { data: event }));
      }),
      { numRuns: 4_000, seed: 20_261_124 },
    );
    expect(matched).toBeGreaterThan(200);
  });

  test('an event matches the pattern made of its own scalars, and more fields do not change that', () => {
    fc.assert(
      fc.property(objectOf(scalar, 1), objectOf(scalar, 0), (own, more) => {
        const data = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, [value]]));
        const event = Object.fromEntries([...Object.entries(more), ...Object.entries(own)]);
        expect(compilePattern({ data }).matches({ data: event })).toBe(true);
      }),
    );
  });

  test('whatever JSON is given as a pattern is compiled or refused by InvalidPatternError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fields, json), json, (pattern, event) => {
        try {
          expect(typeof compilePattern(pattern).matches(event)).toBe('boolean');
        } catch (error) {
          if (!(error instanceof InvalidPatternError)) throw error;
        }
      }),
    );
  });

  test('a block contains exactly the addresses that share its leading bits', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    const bits = (address: number[]) => address.map((octet) => octet.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(octets, octets, fc.nat(32), fc.nat(32), (base, other, size, shared) => {
        const near = bits(base).slice(0, shared) + bits(other).slice(shared);
        const address = [0, 8, 16, 24].map((start) => Number.parseInt(near.slice(start, start + 8), 2));
        const pattern = compilePattern({ data: { ip: [{ cidr: `${base.join('.')}/${size}` }] } });
        const inside = bits(base).slice(0, size) === near.slice(0, size);
        expect(pattern.matches({ data: { ip: address.join('.') } })).toBe(inside);
      }),
    );
  });
});
