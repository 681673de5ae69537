import { groupMessages } from '../../local/cloud/group-messages.ts';
import { COMPLETED, form, type Loop, REFUSED, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
beforeAll(async () => {
  loop = await startLoop();
});
afterEach(() => loop.cloud.faults.clear());
afterAll(() => loop.close());

interface LarkApproval {
  instanceId: string;
  requestId: string;
}

/** 张三 fills in the form in the app. */
function submit(employee: string, role = 'option_0'): LarkApproval {
  const { lark, workflows } = loop.cloud;
  const instanceId = lark.submit({
    approvalCode: workflows.workflows['onboarding']?.on.lark?.approval_code ?? '',
    userId: 'zhangsan',
    form: [
      { id: 'emp_id', type: 'input', value: employee },
      { id: 'role', type: 'radioV2', value: role },
    ],
  });
  return { instanceId, requestId: `lark.${instanceId}` };
}

/** And 李四 approves. */
function approve(employee: string): LarkApproval {
  const approval = submit(employee);
  loop.cloud.lark.decide(approval.instanceId, { userId: 'lisi', approved: true });
  return approval;
}

const revokeOf = ({ requestId }: LarkApproval) => ({ requestId: `${requestId}.revoke` });

/** What the groups of Lark show about a request. */
const cards = (requestId: string) =>
  groupMessages(loop.cloud).filter(({ platform, text }) => platform === 'lark' && text.includes(`${requestId}，`));

test('an approved new hire becomes a user of the instance, and one card in the chat lives through it all', async () => {
  const approval = approve('E800');
  const { facts, runs, messages, left } = await loop.closed(approval);

  expect(await loop.file('/etc/passwd')).toMatch(/^e800:x:1\d{3}:1\d{3}:.*:\/home\/e800:\/bin\/bash$/m);
  expect(facts).toEqual(COMPLETED);
  expect(left).toEqual([]);
  const parameters = `{"emp_id":"E800","role":"devops","request_id":"${approval.requestId}"}`;
  expect(runs).toEqual([{ status: 'Success', exitCode: 0, parameters }]);
  // Nobody in DingTalk hears of it.
  expect(messages).toEqual([]);

  const [instanceId = ''] = loop.cloud.state.instance_ids;
  const [card, ...others] = cards(approval.requestId);
  expect(others).toEqual([]);
  expect(card).toMatchObject({ chat: 'it-ops', title: '✅ 新员工入职 · E800 已完成' });
  expect(card?.updates).toBeGreaterThan(0);
  const page = encodeURIComponent(`pages/detail/index?instanceId=${approval.instanceId}`);
  expect(card?.text.split('\n')).toEqual([
    '### ✅ 新员工入职 · E800 已完成',
    '',
    expect.stringMatching(/^- 审批：新员工入职 \d{12}$/),
    '- 申请人：张三',
    expect.stringMatching(/^- 同意人：李四（\d{1,2}月\d{1,2}日 \d\d:\d\d）$/),
    '- 参数：emp_id = E800，role = devops',
    expect.stringMatching(new RegExp(`^- 执行：${instanceId} 已完成，退出码 0，用时 (\\d+ 秒|\\d+ 分钟( \\d+ 秒)?)$`)),
    expect.stringMatching(
      new RegExp(`^- 由 ${instanceId} 报告：user = e800，uid = 1\\d{3}，groups = developers,devops，changed = true$`),
    ),
    expect.stringMatching(
      new RegExp(`^- 编号：${approval.requestId}，记录 [0-9a-f]{12}，\\[查看审批\\]\\(https:.+\\)$`),
    ),
    '',
    '@张三',
  ]);
  expect(card?.text).toContain(
    `https://applink.feishu.cn/client/mini_program/open?appId=cli_9cb844403dbb9108&path=${page}`,
  );
});

test('a value outside its pattern runs nothing, and the chat is told what is accepted', async () => {
  const approval = approve('E8; rm -rf /');
  const { facts, refusal, runs } = await loop.closed(approval);
  expect([facts, refusal, runs]).toEqual([REFUSED, 'value_not_allowed', []]);
  const [card, ...others] = cards(approval.requestId);
  expect(others).toEqual([]);
  expect(card?.title).toBe('⛔ 新员工入职 未执行');
  expect(card?.text).toContain('“emp_id”的值“E8; rm -rf /”不符合要求');
  expect(card?.text).toContain('字母 E 加 3 到 8 位数字，例如 E123');
});

test('an approval that is rejected in the app starts nothing', async () => {
  const approval = submit('E801');
  loop.cloud.lark.decide(approval.instanceId, { userId: 'lisi', approved: false });
  await loop.logged('event answered', { instance_id: approval.instanceId, status: 'REJECTED' });
  expect((await loop.traces(approval.requestId)).facts).toEqual([]);
  expect(cards(approval.requestId)).toEqual([]);
});

test('an approval that its requester gave alone runs nothing', async () => {
  const approval = submit('E802');
  loop.cloud.lark.decide(approval.instanceId, { userId: 'zhangsan', approved: true });
  const { facts, refusal } = await loop.closed(approval);
  expect([facts, refusal]).toEqual([REFUSED, 'no_approver']);
});

test('an event that comes twice has every effect once', async () => {
  loop.cloud.faults.add({ service: 'lark', operation: 'push', times: 10, fault: { kind: 'double' } });
  const approval = approve('E803');
  const { facts, runs } = await loop.closed(approval);
  expect([facts, runs.length, cards(approval.requestId).length]).toEqual([COMPLETED, 1, 1]);
});

test('an approval whose events are all lost is found by the hourly look', async () => {
  loop.cloud.faults.add({ service: 'lark', operation: 'push', times: 10, fault: { kind: 'drop' } });
  const approval = approve('E804');
  const { facts } = await loop.closed(approval);
  expect(facts).toEqual(COMPLETED);
  expect(cards(approval.requestId).map(({ title }) => title)).toEqual(['✅ 新员工入职 · E804 已完成']);
});

test('an approval that is revoked after the run takes back what the run granted, and says so', async () => {
  const approval = approve('E805');
  await loop.closed(approval);
  expect(await loop.file('/etc/passwd')).toMatch(/^e805:/m);
  loop.cloud.lark.revert(approval.instanceId);
  const { facts, runs } = await loop.closed(revokeOf(approval));
  expect(facts).toEqual(COMPLETED);
  expect(runs).toMatchObject([{ status: 'Success', exitCode: 0 }]);
  // The grant is known by the request that made it.
  expect(runs[0]?.parameters).toBe(`{"emp_id":"E805","request_id":"${approval.requestId}"}`);
  expect(cards(revokeOf(approval).requestId).map(({ title }) => title)).toEqual(['✅ 撤销 新员工入职 · E805 已完成']);
  expect(await loop.file('/etc/shadow')).toMatch(/^e805:!/m);
  expect(await loop.file('/etc/group')).not.toMatch(/^devops:.*\be805\b/m);
});

test('both platforms side by side: each request is told on its own, and one person waits for the other platform too', async () => {
  const other = await loop.approve(form('E806'));
  const own = approve('E807');
  // Whoever comes first has the lock, and the other one's message names it.
  await loop.logged('command invoked', { request_id: other.requestId });
  const same = approve('E806');
  const [inDingtalk, inLark, waited] = await Promise.all([loop.closed(other), loop.closed(own), loop.closed(same)]);
  expect([inDingtalk.facts, inLark.facts, waited.facts]).toEqual([COMPLETED, COMPLETED, COMPLETED]);
  expect(inDingtalk.messages.filter(({ title }) => title === '✅ 新员工入职 · E806 已完成')).toHaveLength(1);
  expect([inLark.messages, waited.messages]).toEqual([[], []]);
  expect(cards(other.requestId)).toEqual([]);
  expect(cards(own.requestId).map(({ title }) => title)).toEqual(['✅ 新员工入职 · E807 已完成']);
  expect(cards(same.requestId).map(({ title }) => title)).toEqual(['✅ 新员工入职 · E806 已完成']);
});
