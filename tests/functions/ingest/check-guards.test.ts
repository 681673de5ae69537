import { checkGuards } from '../../../functions/ingest/check-guards.ts';
import type { Approval } from '../../../shared/platforms/platform.ts';
import type { Workflow } from '../../../shared/workflows/schema.ts';
import { workflowWith } from '../../shared/workflows/sample.ts';

const people = (...ids: string[]): Approval['approvers'] =>
  ids.map((id) => ({ id, name: id, at: '2026-09-01T01:58Z' }));

/** 张三 asked, 李四 agreed. */
const APPROVAL: Approval = {
  instance_id: 'a1',
  code: 'PROC-1',
  title: '入职',
  number: '1',
  state: 'approved',
  kind: 'original',
  attached: [],
  requester: { id: 'zhangsan', name: '张三' },
  approvers: people('lisi'),
  fields: [],
};

const workflow = (approvers: Partial<Workflow['approvers']> = {}): Workflow => ({
  ...workflowWith({}),
  approvers: { min: 1, from: 'any', ...approvers },
});

const tooFew = (count: number, min: number) => ({
  code: 'no_approver',
  values: { count: String(count), min: String(min) },
});

test('an original approval that somebody else agreed to may run', () => {
  expect(checkGuards(workflow(), APPROVAL)).toBeUndefined();
});

test.each<[string, Partial<Approval>, unknown]>([
  ['one that still runs', { state: 'pending' }, { code: 'not_approved', values: {} }],
  ['one that was not granted', { state: 'not approved' }, { code: 'not_approved', values: {} }],
  ['a modification', { kind: 'modification' }, { code: 'not_original', values: {} }],
  ['a revocation', { kind: 'revocation' }, { code: 'not_original', values: {} }],
  ['one that nobody agreed to', { approvers: [] }, tooFew(0, 1)],
  ['one that only the requester agreed to', { approvers: people('zhangsan') }, tooFew(0, 1)],
  [
    'a revocation that was not granted, for its state',
    { kind: 'revocation', state: 'pending' },
    { code: 'not_approved', values: {} },
  ],
  [
    'a revocation without approver, for its kind',
    { kind: 'revocation', approvers: [] },
    { code: 'not_original', values: {} },
  ],
])('%s may not run', (_, changes, refusal) => {
  expect(checkGuards(workflow(), { ...APPROVAL, ...changes })).toEqual(refusal);
});

describe('who counts', () => {
  test.each<[string, Partial<Workflow['approvers']>, string[], unknown]>([
    ['one of one', { min: 1 }, ['lisi'], undefined],
    ['two of two', { min: 2 }, ['lisi', 'wangwu'], undefined],
    ['one of two', { min: 2 }, ['lisi'], tooFew(1, 2)],
    ['three where two are needed', { min: 2 }, ['a', 'b', 'c'], undefined],
    ['the requester never does', { min: 2 }, ['lisi', 'zhangsan'], tooFew(1, 2)],
    ['nor if he is on the list', { from: ['zhangsan'] }, ['zhangsan'], tooFew(0, 1)],
    ['somebody on the list', { from: ['boss', 'lisi'] }, ['lisi'], undefined],
    ['nobody on the list', { from: ['boss'] }, ['lisi', 'wangwu'], tooFew(0, 1)],
    ['one of them on the list', { min: 2, from: ['lisi', 'boss'] }, ['lisi', 'wangwu'], tooFew(1, 2)],
    ['both on the list', { min: 2, from: ['lisi', 'boss'] }, ['boss', 'x', 'lisi'], undefined],
    ['an id in another spelling is another', { from: ['LiSi'] }, ['lisi'], tooFew(0, 1)],
    ['an id that is part of one is another', { from: ['lisi2'] }, ['lisi'], tooFew(0, 1)],
    ['a person called any is not everybody', { from: ['any'] }, ['lisi'], tooFew(0, 1)],
  ])('%s: %j by %j', (_, approvers, ids, refusal) => {
    expect(checkGuards(workflow(approvers), { ...APPROVAL, approvers: people(...ids) })).toEqual(refusal);
  });
});
