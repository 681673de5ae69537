import { aggregateStatus, isFinal, toInstanceResult } from '../../../functions/notify/instance-results.ts';
import type { InvocationInstance } from '../../../shared/alicloud/cloud-assistant.ts';
import { sha256Hex } from '../../../shared/ids.ts';
import { instanceResultSchema, type RunEnd } from '../../../shared/request/records.ts';

type Changes = Partial<Omit<InvocationInstance, 'output'>> & { output?: string | Buffer };

function instance({ output = '', ...changes }: Changes = {}): InvocationInstance {
  return {
    instanceId: 'i-1',
    status: 'Success',
    exitCode: 0,
    errorCode: '',
    errorInfo: '',
    startTime: '2026-09-01T02:00:00Z',
    finishTime: '2026-09-01T02:00:03Z',
    output: Buffer.from(output),
    dropped: 0,
    ...changes,
  };
}

const resultOf = (changes: Changes) => toInstanceResult(instance(changes));

test('a run that went well, as the record has it', () => {
  const output = 'made zhang.san\nPROVISION_RESULT {"uid":2001}\n';
  const result = resultOf({ output });
  expect(result).toEqual({
    instance_id: 'i-1',
    status: 'Success',
    exit_code: 0,
    error_code: '',
    error_info: '',
    duration_ms: 3000,
    output_sha256: sha256Hex(output),
    output_tail: output,
    output_omitted: 0,
    facts: { uid: '2001' },
  });
  expect(instanceResultSchema.parse(result)).toEqual(result);
});

const ENDS = ['Success', 'Failed', 'Error', 'Timeout', 'Terminated', 'Cancelled', 'Invalid', 'Aborted'];
const NO_ENDS = ['Pending', 'Running', 'Scheduled', 'Stopping', 'Finished', 'PartialFailed', 'success', '', 'Unknown'];

test.each<[string, boolean]>([
  ...ENDS.map((status): [string, boolean] => [status, true]),
  ...NO_ENDS.map((status): [string, boolean] => [status, false]),
])('%j is an end: %j', (status, final) => {
  expect(isFinal(instance({ status }))).toBe(final);
});

test.each<[string, number | undefined, RunEnd]>([
  ['Success', 0, 'Success'],
  ['Success', undefined, 'Success'],
  ['Success', 1, 'Failed'],
  ['Success', -1, 'Failed'],
  ['Failed', 2, 'Failed'],
  ['Failed', 0, 'Failed'],
  ['Timeout', undefined, 'Timeout'],
  ['Terminated', 143, 'Terminated'],
  ['Aborted', undefined, 'Aborted'],
])('status %s with exit code %j ends as %s', (status, exitCode, end) => {
  const result = resultOf({ status, exitCode, output: 'PROVISION_RESULT {"status":"ok"}' });
  expect(result).toMatchObject({ status: end, exit_code: exitCode ?? null });
});

test.each<[string, string, number | null]>([
  ['2026-09-01T02:00:00Z', '2026-09-01T02:00:00Z', 0],
  ['2026-09-01T02:00:00Z', '2026-09-01T03:00:01Z', 3_601_000],
  ['2026-09-01T02:00:00+08:00', '2026-08-31T18:00:01Z', 1000],
  ['', '2026-09-01T02:00:00Z', null],
  ['2026-09-01T02:00:00Z', '', null],
  ['2026-09-01T02:00:01Z', '2026-09-01T02:00:00Z', null],
])('from %j to %j it took %j ms', (startTime, finishTime, duration) => {
  expect(resultOf({ startTime, finishTime }).duration_ms).toBe(duration);
});

test('texts of the service are cut at a character to what a record holds', () => {
  const result = resultOf({ status: 'Aborted', errorCode: '中'.repeat(50), errorInfo: '🚀'.repeat(200) });
  expect(result.error_code).toBe('中'.repeat(42));
  expect(result.error_info).toBe('🚀'.repeat(128));
});

describe('of the output the last 2 KB are kept', () => {
  test.each<[string, string | Buffer, number, string, number]>([
    ['all of 2,048 bytes', 'x'.repeat(2048), 0, 'x'.repeat(2048), 0],
    ['2,048 of 2,049', `a${'x'.repeat(2048)}`, 0, 'x'.repeat(2048), 1],
    ['what the service left out counts', `a${'x'.repeat(2048)}`, 24_000, 'x'.repeat(2048), 24_001],
    ['a character is not broken', '中'.repeat(700), 0, '中'.repeat(682), 54],
    ['nor an emoji', `${'🚀'.repeat(600)}!`, 0, `${'🚀'.repeat(511)}!`, 356],
    ['bytes that are no text are marks', Buffer.from([0x61, 0xff, 0x62]), 0, 'a\ufffdb', 0],
    ['nothing of nothing', '', 0, '', 0],
  ])('%s', (_, output, dropped, tail, omitted) => {
    const result = resultOf({ output, dropped });
    expect(result.output_tail).toBe(tail);
    expect(result.output_omitted).toBe(omitted);
    expect(result.output_sha256).toBe(sha256Hex(output));
  });

  test.each<[string, string, number, string | undefined, number | undefined]>([
    [
      'the first 512 as well, and the lines between',
      `${'h'.repeat(512)}\n中\n${'t'.repeat(2048)}`,
      0,
      'h'.repeat(512),
      2,
    ],
    [
      'a character of them is not broken',
      `${'中'.repeat(171)}${'\n'.repeat(9)}${'t'.repeat(2048)}`,
      0,
      '中'.repeat(170),
      9,
    ],
    ['none where nothing is left out', 'all of it', 0, undefined, undefined],
    ['none where the service has left them out', 'x'.repeat(4096), 1, undefined, undefined],
  ])('%s', (_, output, dropped, head, lines) => {
    const result = resultOf({ output, dropped });
    expect([result.output_head, result.lines_omitted]).toEqual([head, lines]);
  });

  test('even of the worst bytes the record holds it', () => {
    expect(instanceResultSchema.safeParse(resultOf({ output: Buffer.alloc(24_000, 0x80) })).success).toBe(true);
  });
});

describe('facts are the flat values of the last PROVISION_RESULT line', () => {
  test.each<[string, string, Record<string, string>]>([
    ['texts, numbers, truth', '{"a":"x","b":-1.5,"c":true,"d":false}', { a: 'x', b: '-1.5', c: 'true', d: 'false' }],
    ['lists', '{"groups":["docker","中文",7]}', { groups: 'docker,中文,7' }],
    ['an empty text or list is none', '{"a":"","b":[],"c":"x"}', { c: 'x' }],
    ['null, maps and lists of maps are none', '{"a":null,"b":{"c":1},"d":[{}],"e":[null],"f":1}', { f: '1' }],
    ['names must be plain', '{"Up":1,"a-b":1,"1a":1,"中":1,"":1,"ok_1":1}', { ok_1: '1' }],
    ['a long name is none', `{"${'a'.repeat(33)}":1,"${'b'.repeat(32)}":1}`, { ['b'.repeat(32)]: '1' }],
    [
      'names of every object are names',
      '{"constructor":"x","__proto__":{"y":1},"valueof":1}',
      { constructor: 'x', valueof: '1' },
    ],
    ['a long value is cut at a character', JSON.stringify({ a: '中'.repeat(50) }), { a: '中'.repeat(42) }],
    ['half an emoji is a mark', '{"a":"\\ud83d"}', { a: '\ufffd' }],
    ['not JSON', 'oops', {}],
    ['half of it', '{"a":', {}],
    ['a list', '[1]', {}],
    ['a text', '"a"', {}],
    ['null', 'null', {}],
    ['nothing', '', {}],
  ])('%s', (_, json, facts) => {
    expect(resultOf({ output: `begin\nPROVISION_RESULT ${json}\nend\n` }).facts).toEqual(facts);
  });

  test.each<[string, string, Record<string, string>]>([
    ['the last line counts', 'PROVISION_RESULT {"a":1}\nPROVISION_RESULT {"a":2}\n', { a: '2' }],
    ['even if it cannot be read', 'PROVISION_RESULT {"a":1}\nPROVISION_RESULT {\n', {}],
    ['without a line feed at the end', 'PROVISION_RESULT {"a":1}', { a: '1' }],
    ['with a carriage return', 'PROVISION_RESULT {"a":1}\r\n', { a: '1' }],
    ['not within a line', 'x PROVISION_RESULT {"a":1}\n', {}],
    ['not in another spelling', 'provision_result {"a":1}\nPROVISION_RESULT{"a":1}\n', {}],
    ['also before the last 2 KB', `PROVISION_RESULT {"a":1}\n${'x'.repeat(4000)}`, { a: '1' }],
  ])('%s', (_, output, facts) => {
    expect(resultOf({ output }).facts).toEqual(facts);
  });

  test('twelve at most', () => {
    const all = Object.fromEntries([...Array(20).keys()].map((index) => [`f${index}`, `${index}`]));
    const { facts } = resultOf({ output: `PROVISION_RESULT ${JSON.stringify(all)}` });
    expect(Object.keys(facts)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9', 'f10', 'f11']);
  });
});

test.each<[RunEnd[], RunEnd]>([
  [['Success'], 'Success'],
  [['Success', 'Success'], 'Success'],
  [['Failed'], 'Failed'],
  [['Timeout', 'Timeout'], 'Timeout'],
  [['Aborted', 'Aborted', 'Aborted'], 'Aborted'],
  [['Timeout', 'Aborted'], 'Failed'],
  [['Success', 'Failed'], 'PartialFailed'],
  [['Failed', 'Success'], 'PartialFailed'],
  [['Success', 'Cancelled', 'Success'], 'PartialFailed'],
])('instances that ended %j are together %s', (statuses, end) => {
  expect(aggregateStatus(statuses)).toBe(end);
});
