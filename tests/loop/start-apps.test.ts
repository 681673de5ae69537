import { answersIn, askIn, instanceIn, saidByRobot, withOwnGroup } from './ask-in-dingtalk.ts';
import { askInLark } from './ask-in-lark.ts';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

/** The apps that the group's robots belong to may only read: a second app of each platform starts approvals. */
let other: OtherRoot;
let loop: Loop;
beforeAll(async () => {
  other = await makeRoot(withOwnGroup);
  loop = await startLoop({ root: other.root, startApps: true });
});
afterAll(async () => {
  await loop.close();
  await other.remove();
});

test('what is asked for in a group of DingTalk is started by the second app, and runs as ever', async () => {
  const instanceId = instanceIn(await askIn(loop, '入职 E831 devops'));
  await (await loop.find(instanceId)).decide();
  const { facts } = await loop.closed({ requestId: `dingtalk.${instanceId}` });
  expect(facts).toEqual(COMPLETED);
  expect(answersIn(loop)).toHaveLength(1);
  expect(saidByRobot(loop).map(({ title }) => title)).toEqual(['', '✅ 新员工入职 · E831 已完成']);
});

test('what is asked for in a group of Lark is started in the name of the same person, whom both apps know', async () => {
  const { answer } = await askInLark(loop, '入职 E832 developer', 'wangwu');
  const instanceId = instanceIn(answer);
  loop.cloud.lark.decide(instanceId, { userId: 'lisi', approved: true });
  const { facts, shown } = await loop.closed({ requestId: `lark.${instanceId}` });
  expect(facts).toEqual(COMPLETED);
  expect(shown.map(({ title }) => title)).toEqual(['✅ 新员工入职 · E832 已完成']);
  expect(shown[0]?.text).toContain('- 申请人：王五\n- 同意人：李四');
});
