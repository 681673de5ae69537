import { type Fact, factSchema, findFact, type JournalRecord, recordSchema } from '../../../shared/request/records.ts';
import { FACTS, instanceResult, REQUEST_ID } from './facts.ts';

const record: JournalRecord = {
  v: 1,
  request_id: REQUEST_ID,
  seq: 1,
  previous: null,
  by: 'ingest/1-abc',
  fact: FACTS.accepted,
};

test.each(Object.values(FACTS).map((fact): [string, Fact] => [fact.type, fact]))(
  'keeps a fact %s as it is, through JSON too',
  (_, fact) => {
    expect(factSchema.parse(JSON.parse(JSON.stringify(fact)))).toEqual(fact);
  },
);

test('keeps the longest request id that there is', () => {
  const request_id = `dingtalk.${'a'.repeat(64)}.revoke.retry-999`;
  expect(recordSchema.parse({ ...record, request_id }).request_id).toBe(request_id);
});

test.each<[string, unknown]>([
  ['another version', { ...record, v: 2 }],
  ['an unknown key', { ...record, note: '' }],
  ['an unknown key in its fact', { ...record, fact: { ...FACTS.closed, note: '' } }],
  ['a fact of an unknown type', { ...record, fact: { type: 'forgotten', at: FACTS.closed.at } }],
  ['no time', { ...record, fact: { type: 'closed' } }],
  ['a time that is none', { ...record, fact: { type: 'closed', at: '昨天' } }],
  ['a withdrawal without a reason', { ...record, fact: { type: 'withdrawn', at: FACTS.closed.at } }],
  ['a withdrawal for a reason that is none', { ...record, fact: { ...FACTS.cancelled, reason: 'tired' } }],
  ['a redirection to nowhere', { ...record, fact: { type: 'redirected', at: FACTS.closed.at } }],
  ['no previous record at all', { ...record, previous: undefined }],
  ['a sequence number in a text', { ...record, seq: '1' }],
  [
    'no instance to run on',
    { ...record, fact: { ...FACTS.planned, input: { ...FACTS.planned.input, instances: [] } } },
  ],
  [
    'more instances than the API takes',
    { ...record, fact: { ...FACTS.planned, input: { ...FACTS.planned.input, instances: Array(101).fill('i-1') } } },
  ],
  [
    'an end that is none',
    { ...record, fact: { ...FACTS.completed, instances: [{ ...instanceResult(), status: 'Running' }] } },
  ],
])('is no record with %s', (_, value) => {
  expect(recordSchema.safeParse(record).success).toBe(true);
  expect(recordSchema.safeParse(value).success).toBe(false);
});

test('finds the fact of a type, the first one, or none', () => {
  const first = { ...FACTS.dispatched, invoke_id: 't-first' };
  expect(findFact([FACTS.accepted, first, FACTS.dispatched], 'dispatched')).toBe(first);
  expect(findFact([FACTS.accepted], 'dispatched')).toBeUndefined();
  expect(findFact([], 'accepted')).toBeUndefined();
});
