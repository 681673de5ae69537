import { createHash } from 'node:crypto';
import type { Evidence } from '../../chaos/evidence.ts';
import { holds, judge, type Submitted } from '../../chaos/oracle.ts';
import type { Order } from '../../chaos/orders.ts';

const order: Order = {
  platform: 'dingtalk',
  from: 'form',
  workflow: 'onboarding',
  values: {},
  employee: 'E123',
  requester: 'zhangsan',
  approver: 'lisi',
  result: 'agree',
  expected: 'run',
};
const SUBMITTED: Submitted[] = [
  { requestId: 'dingtalk.run', order },
  { requestId: 'dingtalk.no', order: { ...order, employee: '300', expected: 'refusal' } },
  { requestId: 'dingtalk.declined', order: { ...order, employee: 'E124', expected: 'nothing' } },
];

const final = (requestId: string, title: string) => ({
  title,
  text: `### ${title}\n\n- 编号：${requestId}，[查看审批](x)`,
});
const DONE = final('dingtalk.run', '✅ 新员工入职 · E123 已完成');

function chain(requestId: string, types: readonly string[]): [string, Buffer][] {
  let previous: string | null = null;
  return types.map((type, index) => {
    const seq = index + 1;
    const bytes = Buffer.from(JSON.stringify({ v: 1, request_id: requestId, seq, previous, by: 'x', fact: { type } }));
    previous = createHash('sha256').update(bytes).digest('hex');
    return [seq === 1 ? `accepted/${requestId}.json` : `records/${requestId}/000${seq}.json`, bytes];
  });
}

/** What an undisturbed run of the three leaves. */
function evidence(): Evidence {
  return {
    messages: [
      final('dingtalk.run', '⏳ 新员工入职 · E123 等待中'),
      DONE,
      final('dingtalk.no', '⛔ 新员工入职 未执行'),
    ],
    invocations: [{ requestId: 'dingtalk.run', status: 'Success' }],
    records: new Map([
      ...chain('dingtalk.run', ['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed']),
      ...chain('dingtalk.no', ['refused', 'announced', 'closed']),
    ]),
    open: [],
    aside: [],
    users: new Set(['e123']),
    folders: new Set(),
    welcomed: 0,
    unanswered: [],
  };
}

test('evidence as an undisturbed run leaves it holds', () => {
  const verdict = judge(SUBMITTED, evidence());
  expect(verdict).toMatchObject({ approvals: 3, provisioned: 1, refused: 1, declined: 1, failed: 0, problems: [] });
  expect(holds(verdict)).toBe(true);
});

const GOOD = {
  lost: 0,
  double_runs: 0,
  missing_final: 0,
  duplicate_final: 0,
  uninvited: 0,
  left_open: 0,
  journal_ok: true,
};

test.each<[string, (falsified: Evidence) => void, Partial<typeof GOOD>]>([
  [
    'an approval of which there is nothing at all',
    (falsified) => {
      for (const key of [...falsified.records.keys()].filter((each) => each.includes('dingtalk.run')))
        falsified.records.delete(key);
      falsified.invocations = [];
      falsified.messages = falsified.messages.filter((message) => message !== DONE);
    },
    { lost: 1, missing_final: 1 },
  ],
  ['a success that made no user', (falsified) => falsified.users.clear(), { lost: 1 }],
  [
    'a second run',
    (falsified) => void falsified.invocations.push({ requestId: 'dingtalk.run', status: 'Success' }),
    { double_runs: 1 },
  ],
  [
    'a run of what the approver declined',
    (falsified) => void falsified.invocations.push({ requestId: 'dingtalk.declined', status: 'Success' }),
    { double_runs: 1 },
  ],
  [
    'a run of what was refused',
    (falsified) => void falsified.invocations.push({ requestId: 'dingtalk.no', status: 'Success' }),
    { double_runs: 1, missing_final: 1 },
  ],
  [
    'a run that nobody asked for',
    (falsified) => void falsified.invocations.push({ requestId: 'dingtalk.forged', status: 'Success' }),
    { double_runs: 1 },
  ],
  [
    'a missing final message',
    (falsified) => {
      falsified.messages = falsified.messages.filter((message) => message !== DONE);
    },
    { missing_final: 1 },
  ],
  [
    'a final message that says something else than the run',
    (falsified) => {
      falsified.invocations = [{ requestId: 'dingtalk.run', status: 'Failed' }];
    },
    { missing_final: 1, lost: 0 },
  ],
  ['the same final message twice', (falsified) => void falsified.messages.push(DONE), { duplicate_final: 1 }],
  [
    'a record of which one byte was changed',
    (falsified) => {
      const key = 'records/dingtalk.run/0003.json';
      const text = falsified.records.get(key)?.toString() ?? '';
      falsified.records.set(key, Buffer.from(text.replace('"by":"x"', '"by":"y"')));
    },
    { journal_ok: false },
  ],
  [
    'a record that was removed',
    (falsified) => void falsified.records.delete('records/dingtalk.run/0004.json'),
    { journal_ok: false },
  ],
  [
    'an object among the records that is none',
    (falsified) => void falsified.records.set('notes.txt', Buffer.from('hello')),
    { journal_ok: false },
  ],
  [
    'a chain that does not end with closed',
    (falsified) => void falsified.records.delete('records/dingtalk.run/0006.json'),
    { journal_ok: false },
  ],
  ['an account that nobody asked for', (falsified) => void falsified.users.add('e66666666'), { uninvited: 1 }],
  ['an account that the approver has declined', (falsified) => void falsified.users.add('e124'), { uninvited: 1 }],
  ['a workspace that nobody asked for', (falsified) => void falsified.folders.add('e123-00000000'), { uninvited: 1 }],
  [
    'a message about a request that nobody made',
    (falsified) => void falsified.messages.push(final('dingtalk.forged-1', '⛔ 新员工入职 未执行')),
    { uninvited: 1 },
  ],
  [
    'a forged callback that was answered with success',
    (falsified) => {
      falsified.welcomed = 1;
    },
    { uninvited: 1 },
  ],
  [
    'a record of a request that nobody made',
    (falsified) => {
      for (const [key, bytes] of chain('dingtalk.forged-1', ['accepted', 'closed'])) falsified.records.set(key, bytes);
    },
    { journal_ok: false },
  ],
  ['a marker that was left', (falsified) => void falsified.open.push('open/dingtalk.run'), { left_open: 1 }],
])('%s is found', (_, falsify, found) => {
  const falsified = evidence();
  falsify(falsified);
  const verdict = judge(SUBMITTED, falsified);
  expect(verdict).toMatchObject(found.missing_final === undefined ? { ...GOOD, ...found } : found);
  expect(holds(verdict)).toBe(false);
  expect(verdict.problems.length).toBeGreaterThan(0);
});
