import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { compilePatternText, type Pattern } from '../../local/event-bridge/pattern/compile-pattern.ts';
import { InvalidPatternError } from '../../local/event-bridge/pattern/invalid-pattern-error.ts';
import {
  type ByteEdit,
  byteEdit,
  editBytes,
  editJson,
  garbage,
  hostileJson,
  type JsonEdit,
  jsonEdit,
  memberAt,
  rarely,
  tryJson,
} from './mutations.ts';
import { defineTarget, demand } from './target.ts';

interface Case {
  row: number;
  json: JsonEdit[];
  bytes: ByteEdit[];
  instead: Buffer | null;
  eventRow: number;
  event: JsonEdit[];
  anyEvent: unknown;
}

// From the sources and from the bundle in dist/ the way up is the same.
const SPECIFICATION = readFileSync(join(__dirname, '../../local/event-bridge/PATTERNS.md'), 'utf8');
const ROWS = [...SPECIFICATION.matchAll(/^\| `(.+?)` \| `(.+?)` \|/gm)].map(([, pattern = '', event = '']) => ({
  pattern,
  event: tryJson(Buffer.from(event)) ?? {},
}));

const wide = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 6_000 })).map(([levels, width]) => {
  const values = Array.from({ length: width }, (_, index) => index);
  return Buffer.from(
    `${'{"data":'.repeat(levels)}${JSON.stringify([...values, { 'anything-but': values }])}${'}'.repeat(levels)}`,
  );
});

const row = fc.nat(ROWS.length - 1);
export const patterns = defineTarget<Case>({
  name: 'patterns',
  cases: fc.record({
    row,
    json: fc.array(jsonEdit, { maxLength: 3 }),
    bytes: fc.array(byteEdit, { maxLength: 2 }),
    instead: rarely(fc.oneof(garbage, wide)),
    eventRow: row,
    event: fc.array(jsonEdit, { maxLength: 2 }),
    anyEvent: hostileJson,
  }),
  open: async () => ({ check: checkCase }),
});

function checkCase(value: Case): void {
  const { row, json, bytes, instead, eventRow, event, anyEvent } = value;
  const source = JSON.stringify(json.reduce<unknown>(editJson, tryJson(Buffer.from(ROWS[row]?.pattern ?? '')))) ?? '';
  const text = bytes.reduce(editBytes, instead ?? Buffer.from(source)).toString();
  const pattern = tryCompile(text);
  if (!pattern) return;
  for (const one of [ROWS[eventRow]?.event, event.reduce<unknown>(editJson, ROWS[row]?.event), anyEvent]) {
    const matches = pattern.matches(one);
    demand(typeof matches === 'boolean' && pattern.matches(one) === matches, 'a match is not a lasting yes or no');
    if (matches) checkMatch(tryJson(Buffer.from(text)), one);
  }
}

function tryCompile(text: string): Pattern | undefined {
  try {
    return compilePatternText(text);
  } catch (error) {
    if (!(error instanceof InvalidPatternError)) throw error;
    demand(
      /^Event pattern is not valid, reason: .+ \(at \$/s.test(error.message),
      'the refusal does not say why and where',
    );
    demand(error.message.length < 4_000, 'the refusal is as long as the pattern');
    return undefined;
  }
}

/** Where an event is taken, every leaf of literals alone has one that the event holds in that place. */
function checkMatch(pattern: unknown, event: unknown): void {
  demand(
    typeof pattern === 'object' && pattern !== null && typeof event === 'object' && event !== null,
    'no object is taken',
  );
  for (const [name, part] of Object.entries(pattern)) {
    const field = memberAt(event, name);
    if (!Array.isArray(part)) {
      if (typeof field === 'object' && field !== null) checkMatch(part, field);
      continue;
    }
    const literals: unknown[] = part.filter((member: unknown) => typeof member !== 'object' || member === null);
    if (literals.length < part.length) continue;
    const found: unknown[] = Array.isArray(field) ? field : [field];
    demand(
      found.some((element) => literals.includes(element)),
      `nothing in ${name} is what the pattern asks for`,
    );
  }
}
