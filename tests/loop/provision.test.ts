import { readFile } from 'node:fs/promises';
import { COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
beforeAll(async () => {
  loop = await startLoop();
});
afterAll(() => loop.close());

test('an approved new hire becomes a user of the instance, and the group is told once', async () => {
  const hostUsers = await readFile('/etc/passwd');
  const approval = await loop.approve(form('E123'));
  const { facts, runs, messages, left } = await loop.closed(approval);

  expect(await loop.file('/etc/passwd')).toMatch(/^e123:x:1\d{3}:1\d{3}:.*:\/home\/e123:\/bin\/bash$/m);
  expect(await loop.file('/etc/group')).toMatch(/^devops:x:\d+:e123$/m);
  expect(await readFile('/etc/passwd')).toEqual(hostUsers);

  expect(facts).toEqual(COMPLETED);
  expect(left).toEqual([]);
  const parameters = `{"emp_id":"E123","role":"devops","request_id":"${approval.requestId}"}`;
  expect(runs).toEqual([{ status: 'Success', exitCode: 0, parameters }]);

  expect(messages).toHaveLength(1);
  const [{ text, ...message }] = messages as [(typeof messages)[number]];
  expect(message).toMatchObject({
    chat: 'it-ops',
    title: '✅ 新员工入职 · E123 已完成',
    msgtype: 'markdown',
    buttons: [],
  });
  const [instanceId = ''] = loop.cloud.state.instance_ids;
  const corpId = loop.cloud.state.dingtalk.corp_id;
  const link = `https://applink.dingtalk.com/approval/detail?corpId=${corpId}&instanceId=${approval.instanceId}`;
  expect(text.split('\n')).toEqual([
    '### ✅ 新员工入职 · E123 已完成',
    '',
    expect.stringMatching(/^- 审批：张三提交的新员工入职 \d{21}$/),
    '- 申请人：张三',
    expect.stringMatching(/^- 同意人：李四（\d{1,2}月\d{1,2}日 \d\d:\d\d）$/),
    '- 参数：emp_id = E123，role = devops',
    expect.stringMatching(new RegExp(`^- 执行：${instanceId} 已完成，退出码 0，用时 (\\d+ 秒|\\d+ 分钟( \\d+ 秒)?)$`)),
    expect.stringMatching(
      new RegExp(`^- 由 ${instanceId} 报告：user = e123，uid = 1\\d{3}，groups = developers,devops，changed = true$`),
    ),
    expect.stringMatching(/^- 编号：dingtalk\.[\w-]+，记录 [0-9a-f]{12}，\[查看审批\]\(/),
    '',
    '@zhangsan',
  ]);
  expect(text).toContain(`- 编号：${approval.requestId}，记录 `);
  expect(text).toContain(`，[查看审批](${link})\n`);
  expect(message.at.userIds).toEqual(['zhangsan']);
});
