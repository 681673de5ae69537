import { instanceIn } from './ask-in-dingtalk.ts';
import { askInLark } from './ask-in-lark.ts';
import { COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
beforeAll(async () => {
  loop = await startLoop();
});
afterAll(() => loop.close());

const ask = (text: string, person?: string) => askInLark(loop, text, person);
const answerTo = async (text: string, person?: string) => (await ask(text, person)).answer;

test('somebody asks in the group, the approval is granted, and the answer stands under the question', async () => {
  const { question, answer } = await ask('入职 工号=E801 角色=devops');
  const instanceId = instanceIn(answer);
  expect(answer).toBe(
    `已提交审批“新员工入职”，编号 ${instanceId}。审批通过后自动执行，结果发到本群。查看：https://applink.feishu.cn/client/mini_program/open?appId=cli_9cb844403dbb9108&path=pages%2Fdetail%2Findex%3FinstanceId%3D${instanceId}`,
  );
  const requestId = `lark.${instanceId}`;
  expect(await answerTo(`状态 ${instanceId}`)).toBe(`${requestId}：等待审批人同意（${requestId}）`);
  loop.cloud.lark.decide(instanceId, { userId: 'lisi', approved: true });
  const traces = await loop.closed({ requestId });
  expect(traces.facts).toEqual(COMPLETED);
  expect(traces.shown.map(({ title }) => title)).toEqual(['✅ 新员工入职 · E801 已完成']);
  const cards = loop.cloud.lark.messages().filter(({ msg_type }) => msg_type === 'interactive');
  expect(cards.map(({ parent_id }) => parent_id)).toEqual([question]);
  expect(await answerTo(`status ${requestId}`)).toBe(`新员工入职 · E801：已完成（${requestId}）`);
  expect(await answerTo(`为什么 ${requestId}`)).toMatch(
    /^新员工入职 · E801：已完成（lark\.[\w-]+）\n.+　审批已确认，开始受理\n(.+\n)+.+　已归档$/,
  );
});

test('what can never run is refused before there is an approval, with what would be accepted', async () => {
  const before = loop.cloud.lark.callsUsed();
  expect(await answerTo('入职 工号=300 角色=devops')).toBe(
    '“emp_id”的值“300”不符合要求。可接受：字母 E 加 3 到 8 位数字，例如 E123。请修改后重新提交。',
  );
  expect(await answerTo('onboard E802 admin')).toBe(
    '“role”的值“admin”不符合要求。可接受：devops, developer, analyst。请修改后重新提交。',
  );
  expect(await answerTo('入职 @所有人=1')).toBe('没有名为“＠所有人”的参数。可用：emp_id, role。');
  expect(await answerTo('开门 🚪')).toBe('没有“开门”这个指令。可用：入职, 状态, 为什么, 帮助。');
  expect(await answerTo('status lark.someone-else')).toBe('本群没有编号为“lark.someone-else”的申请。');
  // Five answers, and no look-up of a form.
  expect(loop.cloud.lark.callsUsed() - before).toBeLessThanOrEqual(6);
});

test('help says what this group may ask for, and how', async () => {
  expect(await answerTo('')).toBe(
    [
      '在本群可以申请（@我，再写一行）：',
      '入职 工号=<字母 E 加 3 到 8 位数字，例如 E123> 角色=devops|developer|analyst',
      '　　新员工入职',
      '查询：状态 [编号]，为什么 <编号>，帮助',
    ].join('\n'),
  );
});

test('the same message sent twice by the platform makes one approval', async () => {
  loop.cloud.faults.add({ service: 'lark', operation: 'push', fault: { kind: 'double' } });
  const { answer } = await ask('onboard emp_id=E803 role=analyst', 'wangwu');
  const instanceId = instanceIn(answer);
  expect(instanceId).not.toBe('');
  loop.cloud.lark.decide(instanceId, { userId: 'lisi', approved: true });
  const { facts, runs } = await loop.closed({ requestId: `lark.${instanceId}` });
  expect({ facts, runs: runs.length }).toEqual({ facts: COMPLETED, runs: 1 });
});
