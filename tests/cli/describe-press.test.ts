import { exportRow } from '../../cli/audit/export-rows.ts';
import { describeFact } from '../../cli/inspect/describe-fact.ts';
import { hopsOf } from '../../cli/why/hops.ts';
import type { JournalRecord } from '../../shared/request/records.ts';
import { FACTS, REQUEST_ID } from '../shared/request/facts.ts';

const recordOf = (fact: JournalRecord['fact'], index: number): JournalRecord => ({
  v: 1,
  request_id: REQUEST_ID,
  seq: index + 1,
  previous: null,
  by: 'ingest/1',
  fact,
});
const records = [FACTS.accepted, FACTS.dispatched, FACTS.pressed, FACTS.answered].map(recordOf);

test('a press says who, what, and what came of it, on one line each', () => {
  expect(describeFact(FACTS.pressed)).toBe('stop by 王五 🙂 (wangwu)');
  expect(describeFact(FACTS.answered)).toBe('stop: done');
});

test.each([
  ['zh-CN', ['有人按下按钮', '按钮已处理']],
  ['en', ['button pressed', 'press answered']],
] as const)('"why" names it in %s', (language, names) => {
  const source = { requestId: REQUEST_ID, instanceId: undefined, invokeId: undefined, records, log: [] };
  expect(hopsOf(source, language).map(({ what }) => what)).toEqual(expect.arrayContaining([...names]));
});

test('auditors get it in a column of its own', () => {
  const stored = records.map((record, index) => ({ key: '', seq: index + 1, sha256: '', bytes: 0, record }));
  expect(exportRow({ requestId: REQUEST_ID, records: stored }).presses).toEqual([
    `stop: 王五 🙂 (wangwu) ${FACTS.pressed.at}`,
  ]);
});
