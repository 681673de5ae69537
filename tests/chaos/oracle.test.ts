import { createHash } from 'node:crypto';
import type { Evidence, Run } from '../../chaos/evidence.ts';
import type { Submitted } from '../../chaos/made-by.ts';
import type { ShownMessage } from '../../chaos/messages.ts';
import { holds, judge } from '../../chaos/oracle.ts';
import type { Order } from '../../chaos/orders.ts';

const order: Order = {
  platform: 'dingtalk',
  from: 'form',
  chat: 'webhooks',
  workflow: 'onboarding',
  values: { emp_id: 'E123', role: 'devops' },
  employee: 'E123',
  requester: 'zhangsan',
  approver: 'lisi',
  result: 'agree',
  expected: 'run',
};
const LARK: Order = {
  ...order,
  platform: 'lark',
  workflow: 'resource-request',
  chat: 'cards',
  employee: 'E125',
  values: { owner: 'E125', server: '共享服务器', size: '小（1 GB）', expires: '项目结束 🎉' },
};
const SUBMITTED: Submitted[] = [
  { requestId: 'dingtalk.run', order },
  { requestId: 'dingtalk.no', order: { ...order, employee: '300', expected: 'refusal' } },
  { requestId: 'dingtalk.declined', order: { ...order, employee: 'E124', expected: 'nothing' } },
  { requestId: 'lark.run', order: LARK },
];

/** In DingTalk from a webhook that knows a key, in Lark a card. */
const final = (requestId: string, title: string): ShownMessage => ({
  ...(requestId.startsWith('lark.')
    ? { platform: 'lark', chat: 'cards', lives: true }
    : { platform: 'dingtalk', chat: 'webhooks', lives: false }),
  title,
  text: `### ${title}\n\n- 编号：${requestId}，[查看审批](x)`,
  key: title,
  time: 1_000,
});
const DONE = final('dingtalk.run', '✅ 新员工入职 · E123 已完成');
const LARK_DONE = final('lark.run', '✅ 服务器资源申请 · E125 已完成');
/** As \`sha256sum\` has it of lark.run. */
const WORKSPACE = 'e125-27c2de23';

const RUN: Run = {
  requestId: 'dingtalk.run',
  invokeId: 't-1',
  instanceId: 'i-1',
  status: 'Success',
  parameters: { emp_id: 'E123', role: 'devops', request_id: 'dingtalk.run' },
  startedAt: 1000,
  endedAt: 2000,
};
const LARK_RUN: Run = {
  ...RUN,
  requestId: 'lark.run',
  invokeId: 't-2',
  parameters: { owner: 'E125', size: '1G', expires: '6aG555uu57uT5p2fIPCfjok=', request_id: 'lark.run' },
};
/** Another one for the person of the first, begun and ended then. */
const again = (startedAt: number, endedAt: number): Run => ({ ...RUN, invokeId: 't-3', startedAt, endedAt });

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
      LARK_DONE,
    ],
    runs: [RUN, LARK_RUN],
    records: new Map([
      ...chain('dingtalk.run', ['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed']),
      ...chain('dingtalk.no', ['refused', 'announced', 'closed']),
      ...chain('lark.run', ['accepted', 'planned', 'completed', 'announced', 'closed']),
    ]),
    open: [],
    aside: [],
    users: new Set(['e123']),
    memberships: new Set(['e123 developers', 'e123 devops']),
    folders: new Set([WORKSPACE]),
    welcomed: 0,
    unanswered: [],
  };
}

test('evidence as an undisturbed run leaves it holds', () => {
  const verdict = judge(SUBMITTED, evidence());
  expect(verdict).toMatchObject({ approvals: 4, provisioned: 2, refused: 1, declined: 1, failed: 0, problems: [] });
  expect(holds(verdict)).toBe(true);
});

const GOOD = {
  lost: 0,
  double_runs: 0,
  wrong_values: 0,
  overlaps: 0,
  missing_final: 0,
  duplicate_final: 0,
  misleading: 0,
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
      falsified.runs = [LARK_RUN];
      falsified.messages = falsified.messages.filter((message) => message !== DONE);
    },
    { lost: 1, missing_final: 1 },
  ],
  ['a success that made no user', (falsified) => falsified.users.clear(), { lost: 1 }],
  ['a second run', (falsified) => void falsified.runs.push(again(3000, 4000)), { double_runs: 1 }],
  [
    'a run of what the approver declined',
    (falsified) => void falsified.runs.push({ ...again(3000, 4000), requestId: 'dingtalk.declined' }),
    { double_runs: 1, wrong_values: 1 },
  ],
  [
    'a run of what was refused',
    (falsified) => void falsified.runs.push({ ...again(3000, 4000), requestId: 'dingtalk.no' }),
    { double_runs: 1, wrong_values: 1, missing_final: 1 },
  ],
  [
    'a run that nobody asked for',
    (falsified) => void falsified.runs.push({ ...RUN, requestId: 'dingtalk.forged', invokeId: 't-9' }),
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
      falsified.runs = [{ ...RUN, status: 'Error' }, LARK_RUN];
    },
    { missing_final: 1, lost: 0 },
  ],
  [
    'a run that neither tag nor parameter belongs to',
    (falsified) => void falsified.runs.push({ ...RUN, requestId: '', invokeId: 't-9' }),
    { double_runs: 1 },
  ],
  [
    'a script that failed, and told so',
    (falsified) => {
      falsified.runs = [{ ...RUN, status: 'Failed' }, LARK_RUN];
      falsified.messages = [final('dingtalk.run', '❌ 新员工入职 · E123 失败'), LARK_DONE];
    },
    { missing_final: 2 },
  ],
  [
    'a run with a value that nobody approved',
    (falsified) => {
      falsified.runs = [{ ...RUN, parameters: { ...RUN.parameters, role: 'analyst' } }, LARK_RUN];
    },
    { wrong_values: 1 },
  ],
  [
    'a run with one value more',
    (falsified) => {
      falsified.runs = [RUN, { ...LARK_RUN, parameters: { ...LARK_RUN.parameters, sudo: 'yes' } }];
    },
    { wrong_values: 1 },
  ],
  [
    'a run that began while another one for the same person was under way',
    (falsified) => void falsified.runs.push(again(1999, 3000)),
    { double_runs: 1, overlaps: 1 },
  ],
  [
    'a run that never ended',
    (falsified) => void falsified.runs.push({ ...again(500, 0), endedAt: undefined }),
    { double_runs: 1, overlaps: 1 },
  ],
  ['a group that the role does not mean', (falsified) => void falsified.memberships.add('e123 sudo'), { uninvited: 1 }],
  [
    'a group of the role that the account is not in',
    (falsified) => void falsified.memberships.delete('e123 devops'),
    { lost: 1 },
  ],
  ['an account of another kind', (falsified) => void falsified.users.add('reboot'), { uninvited: 1 }],
  [
    'a message of Lark that never changed to the end',
    (falsified) => void falsified.messages.push(final('lark.run', '▶️ 服务器资源申请 · E125 执行中')),
    { misleading: 1 },
  ],
  [
    'an end that was told in the group of the other platform',
    (falsified) => {
      falsified.messages = falsified.messages.filter((message) => message !== LARK_DONE);
      falsified.messages.push({ ...LARK_DONE, platform: 'dingtalk' });
    },
    { missing_final: 1, misleading: 1 },
  ],
  [
    'a word about what the approver has declined',
    (falsified) => void falsified.messages.push(final('dingtalk.declined', '📝 新员工入职 · E124 已接受')),
    { duplicate_final: 1 },
  ],
  [
    'a message about no request',
    (falsified) => void falsified.messages.push({ ...LARK_DONE, title: '你好 🚀', text: '你好' }),
    { uninvited: 1 },
  ],
  [
    'an end in another group, without a word why',
    (falsified) => {
      falsified.messages = falsified.messages.filter((message) => message !== LARK_DONE);
      falsified.messages.push({ ...LARK_DONE, chat: 'robots' });
    },
    { misleading: 1 },
  ],
  [
    'the same final message twice where no key is known, in two groups',
    (falsified) => {
      const { key: _, ...once } = DONE;
      falsified.messages = [
        ...falsified.messages.filter((message) => message !== DONE),
        once,
        { ...once, chat: 'cards' },
      ];
    },
    { duplicate_final: 1, misleading: 1 },
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

test('where a channel knows no key for a repeat, the same words may stand there twice, and are counted', () => {
  const found = evidence();
  const { key: _, ...keyless } = DONE;
  found.messages = [...found.messages.filter((message) => message !== DONE), keyless, keyless];
  const verdict = judge(SUBMITTED, found);
  expect(verdict).toMatchObject({ repeats_shown: 1, duplicate_final: 0, problems: [] });
  expect(holds(verdict)).toBe(true);
});

test('a card of DingTalk may be delivered once more, and is counted; another card may not', () => {
  const found = evidence();
  const card: ShownMessage = { ...DONE, lives: true };
  const rest = found.messages.filter((message) => message !== DONE && !message.title.startsWith('⏳'));
  const once = judge(SUBMITTED, { ...found, messages: [...rest, card, card] });
  expect(once).toMatchObject({ repeats_shown: 1, duplicate_final: 0, problems: [] });
  const other = judge(SUBMITTED, { ...found, messages: [...rest, card, { ...card, key: 'other' }] });
  expect(other).toMatchObject({ repeats_shown: 0, duplicate_final: 1 });
});

test('a message of Lark whose sending was not heard of for over an hour may stand there twice, and not before', () => {
  const found = evidence();
  const after = (ms: number) =>
    judge(SUBMITTED, { ...found, messages: [...found.messages, { ...LARK_DONE, time: 1_000 + ms }] });
  expect(after(3_600_001)).toMatchObject({ repeats_shown: 1, duplicate_final: 0, problems: [] });
  expect(after(3_600_000)).toMatchObject({ repeats_shown: 0, duplicate_final: 1 });
});

test('an end in the next group says why it is there', () => {
  const found = evidence();
  const why = `${LARK_DONE.text}\n- 群 cards 无法送达（http.503），因此发到这里。`;
  found.messages = [
    ...found.messages.filter((message) => message !== LARK_DONE),
    { ...LARK_DONE, chat: 'robots', text: why },
  ];
  expect(holds(judge(SUBMITTED, found))).toBe(true);
});

test('a group that was out of reach may have had the end all the same, or a card that says what was', () => {
  const found = evidence();
  const why = `${LARK_DONE.text}\n- 群 cards 无法送达（http.503），因此发到这里。`;
  const next: ShownMessage = { ...LARK_DONE, chat: 'robots', text: why, key: 'next' };
  const both = judge(SUBMITTED, { ...found, messages: [...found.messages, next] });
  expect(both).toMatchObject({ repeats_shown: 1, problems: [] });
  const running = final('lark.run', '▶️ 服务器资源申请 · E125 执行中');
  const rest = found.messages.filter((message) => message !== LARK_DONE);
  expect(judge(SUBMITTED, { ...found, messages: [...rest, running, next] }).problems).toEqual([]);
  expect(judge(SUBMITTED, { ...found, messages: [...rest, running, { ...next, text: LARK_DONE.text }] })).toMatchObject(
    {
      misleading: 2,
    },
  );
});
