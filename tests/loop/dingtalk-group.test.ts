import type { EventWay } from '../../local/cloud/cloud.ts';
import { answersIn, askIn, instanceIn, saidByRobot, sayIn, withOwnGroup } from './ask-in-dingtalk.ts';
import { nextEntry } from './entries.ts';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(180_000);

let other: OtherRoot;
let loop: Loop;
beforeAll(async () => {
  other = await makeRoot(withOwnGroup);
});
afterAll(() => other.remove());

/** A cloud whose robot is told in these ways, with a connector where one of them is the connection. */
async function open(eventWays: readonly EventWay[]): Promise<void> {
  loop = await startLoop({ root: other.root, eventWays });
  if (!eventWays.includes('connection')) return;
  const connected = nextEntry(loop.cloud.activity, 'connected', { platform: 'dingtalk' });
  loop.cloud.startConnector();
  await connected;
}

const titles = () => saidByRobot(loop).flatMap(({ title }) => (title === '' ? [] : [title]));

describe.each([
  ['callback', 'E811'],
  ['connection', 'E812'],
] as const)('a group in DingTalk whose robot is told by %s', (way, employee) => {
  beforeAll(() => open([way]));
  afterAll(() => loop.close());

  test('somebody asks, the approval in their name is granted, and the end is told in that very group', async () => {
    const answer = await askIn(loop, `入职 工号=${employee} 角色=devops`);
    const instanceId = instanceIn(answer);
    const requestId = `dingtalk.${instanceId}`;
    const corpId = loop.cloud.state.dingtalk.corp_id;
    expect(answer).toBe(
      `已提交审批“新员工入职”，编号 ${instanceId}。审批通过后自动执行，结果发到本群。查看：https://applink.dingtalk.com/approval/detail?corpId=${corpId}&instanceId=${instanceId}`,
    );
    expect(await askIn(loop, `状态 ${instanceId}`)).toBe(`${requestId}：等待审批人同意（${requestId}）`);

    const approval = await loop.find(instanceId);
    await approval.decide();
    const { facts, runs } = await loop.closed(approval);
    expect(facts).toEqual(COMPLETED);
    expect(runs).toMatchObject([{ status: 'Success', exitCode: 0 }]);
    expect(titles()).toEqual([`✅ 新员工入职 · ${employee} 已完成`]);
    const { text = '' } = saidByRobot(loop).find(({ title }) => title !== '') ?? {};
    expect(text).toContain('- 申请人：张三\n- 同意人：李四');

    expect(await askIn(loop, `status ${requestId}`)).toBe(`新员工入职 · ${employee}：已完成（${requestId}）`);
    expect(await askIn(loop, `为什么 ${requestId}`)).toMatch(
      /^新员工入职 · E\d+：已完成（dingtalk\.[\w-]+）\n.+　审批已确认，开始受理\n(.+\n)+.+　已归档$/,
    );
    expect(await askIn(loop, '状态')).toBe('本群没有进行中的申请。');
  });

  test.each([
    [
      '入职 工号=300 角色=devops',
      '“emp_id”的值“300”不符合要求。可接受：字母 E 加 3 到 8 位数字，例如 E123。请修改后重新提交。',
    ],
    ['onboard E802 admin', '“role”的值“admin”不符合要求。可接受：devops, developer, analyst。请修改后重新提交。'],
    ['入职 @所有人=1', '没有名为“＠所有人”的参数。可用：emp_id, role。'],
    ['开门 🚪', '没有“开门”这个指令。可用：入职, 状态, 为什么, 帮助。'],
    ['why dingtalk.someone-else', '本群没有编号为“dingtalk.someone-else”的申请。'],
    [
      '帮助',
      [
        '在本群可以申请（@我，再写一行）：',
        '入职 工号=<字母 E 加 3 到 8 位数字，例如 E123> 角色=devops|developer|analyst',
        '　　新员工入职',
        '查询：状态 [编号]，为什么 <编号>，帮助',
      ].join('\n'),
    ],
  ])('"%s" is answered at once, and nothing starts', async (question, answer) => {
    expect(await askIn(loop, question)).toBe(answer);
    expect(titles()).toHaveLength(1);
  });

  test('the same message sent twice makes one approval and one answer', async () => {
    const before = answersIn(loop).length;
    loop.cloud.faults.add({ service: 'dingtalk', operation: 'botMessage', fault: { kind: 'double' } });
    const instanceId = instanceIn(await askIn(loop, `onboard ${employee}1 analyst`, 'wangwu'));
    await (await loop.find(instanceId)).decide();
    expect((await loop.closed({ requestId: `dingtalk.${instanceId}` })).facts).toEqual(COMPLETED);
    expect(answersIn(loop)).toHaveLength(before + 1);
    expect(titles()).toEqual([expect.anything(), `✅ 新员工入职 · ${employee}1 已完成`]);
  });
});

describe('a group in DingTalk whose robot is told both by callback and by connection', () => {
  beforeAll(() => open(['callback', 'connection']));
  afterAll(() => loop.close());

  test('a message makes one approval, one run and one answer', async () => {
    const durable = ['ingest', 'connector'].map((name) =>
      nextEntry(loop.cloud.activity, 'question durable', { function: name }),
    );
    await sayIn(loop, '入职 E821 developer');
    await Promise.all(durable);
    await loop.logged('question answered', {});
    const answers = answersIn(loop).map(({ text }) => text);
    expect(answers).toEqual([expect.stringMatching(/^已提交审批“新员工入职”/)]);
    const approval = await loop.find(instanceIn(answers[0] ?? ''));
    await approval.decide();
    const { facts, runs } = await loop.closed(approval);
    expect({ facts, runs: runs.length }).toEqual({ facts: COMPLETED, runs: 1 });
    expect(titles()).toEqual(['✅ 新员工入职 · E821 已完成']);
    expect(await askIn(loop, '状态')).toBe('本群没有进行中的申请。');
    expect(answersIn(loop)).toHaveLength(2);
  });
});
