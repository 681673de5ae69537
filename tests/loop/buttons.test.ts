import { createHmac } from 'node:crypto';
import { makeRoot, type OtherRoot } from './other-root.ts';
import { dingtalkHand, type Hand, larkHand, printed, withButtons } from './press-buttons.ts';
import { type Approval, COMPLETED, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(180_000);

const HANDS = { dingtalk: dingtalkHand, lark: larkHand } as const;

let other: OtherRoot;
let loop: Loop;
beforeAll(async () => {
  other = await makeRoot((file) => withButtons(file));
  loop = await startLoop({ root: other.root });
});
afterEach(async () => {
  loop.cloud.faults.clear();
  await release();
});
afterAll(async () => {
  await loop.close();
  await other.remove();
});

/** Until it is undone, a run goes on until somebody stops it. */
const hold = () =>
  loop.onInstance(
    "printf '#!/bin/sh\\necho 好 🙂\\nexec sleep 3600\\n' > /usr/local/sbin/useradd && chmod 755 /usr/local/sbin/useradd",
  );
const release = () => loop.onInstance('rm -f /usr/local/sbin/useradd');

/** Until its run has begun, printed something, and is told of. */
async function running({ requestId }: Approval): Promise<void> {
  const { fields } = await loop.logged('command invoked', { request_id: requestId });
  await loop.logged('script output', { invoke_id: fields['invoke_id'] });
  await loop.logged('progress told', { request_id: requestId, state: 'running' });
}
const answered = ({ requestId }: Approval, button: string) =>
  loop.logged('press answered', { request_id: requestId, button, outcome: 'done' });
const factsOf = async ({ requestId }: Approval) => (await loop.traces(requestId)).facts;

describe.each([
  ['dingtalk', 'E501', 'E502'],
  ['lark', 'E511', 'E512'],
] as const)('the buttons of %s', (name, stopped, succeeds) => {
  let hand: Hand;
  let approval: Approval;
  beforeAll(() => {
    hand = HANDS[name](loop);
  });

  test('Stop ends the run, once, for whoever may, and the message shows who pressed it', async () => {
    await hold();
    approval = await hand.submit(stopped);
    await approval.decide();
    await running(approval);
    expect(hand.labels(approval)).toEqual(['停止']);
    expect(await hand.press(approval, 'lisi', 'stop')).toBe('您没有权限操作，请联系运维人员。');
    expect(await hand.press(approval, 'zhangsan', 'output')).toBe('执行还没有结束。');
    expect(await factsOf(approval)).toEqual(['accepted', 'planned', 'dispatched']);
    expect(await hand.press(approval, 'zhangsan', 'stop')).toBe('正在停止。');
    expect(await hand.press(approval, 'zhangsan', 'stop')).toBe('张三 已经按过。');
    await loop.logged('stopped', { request_id: approval.requestId, outcome: 'done' });
    const { facts, runs } = await loop.closed(approval);
    // The end of the run may be written before it is noted that it was stopped.
    expect(facts.filter((type) => type !== 'answered')).toEqual([
      ...COMPLETED.slice(0, 3),
      'pressed',
      ...COMPLETED.slice(3),
    ]);
    expect(facts.filter((type) => type === 'answered')).toEqual(['answered']);
    expect(runs).toMatchObject([{ status: 'Terminated' }]);
    expect(hand.text(approval)).toMatch(/- 按钮：张三 按下“停止”（\d{1,2}月\d{1,2}日 \d\d:\d\d）/);
    expect(hand.labels(approval)).toEqual(['重试', '显示输出']);
  });

  test('Retry runs what failed once more, as a new attempt that names who wanted it', async () => {
    const attempt = { requestId: `${approval.requestId}.retry-1` };
    expect(await hand.press(approval, 'zhangsan', 'retry')).toBe('您没有权限操作，请联系运维人员。');
    expect(await hand.press(approval, 'lisi', 'retry')).toBe('正在重试失败的实例。');
    expect(await hand.press(approval, 'lisi', 'retry')).toBe('李四 已经按过。');
    const { facts, runs, shown } = await loop.closed(attempt);
    expect(facts).toEqual(COMPLETED);
    expect(runs).toMatchObject([{ status: 'Success' }]);
    expect(shown.map(({ text }) => text).join('\n')).toContain('- 重新执行：按下“重试”（李四）');
    await answered(approval, 'retry');
    expect((await factsOf(approval)).slice(-3)).toEqual(['closed', 'pressed', 'answered']);
    expect(hand.text(approval)).toMatch(/- 按钮：李四 按下“重试”（/);
    expect(hand.labels(approval)).toEqual(['显示输出']);
    expect((await loop.traces(approval.requestId)).left).toEqual([]);
  });

  test('Show output tells the chat what was printed, also after the end and once', async () => {
    const done = await hand.submit(succeeds);
    await done.decide();
    await loop.closed(done);
    expect(hand.labels(done)).toEqual(['显示输出']);
    expect(await hand.press(done, 'lisi', 'output')).toBe('您没有权限操作，请联系运维人员。');
    expect(await hand.press(done, 'zhangsan', 'output')).toBe('输出会发到本群。');
    await answered(done, 'output');
    expect(await hand.press(done, 'zhangsan', 'output')).toBe('张三 已经按过。');
    expect(printed(loop, done)).toEqual([expect.stringContaining(`${succeeds.toLowerCase()}`)]);
    expect(hand.text(done)).toMatch(/张三 按下“显示输出”/);
    expect(await hand.press(done, 'zhangsan', 'stop')).toBe('执行已经结束。');
    expect(await hand.press(done, 'lisi', 'retry')).toBe('没有失败的实例，无需重试。');
  });
});

test('an operator is told by the name that the platform has', async () => {
  await hold();
  const hand = dingtalkHand(loop);
  const approval = await hand.submit('E520');
  await approval.decide();
  await running(approval);
  expect(await hand.press(approval, 'wangwu', 'stop')).toBe('正在停止。');
  await loop.closed(approval);
  expect(hand.text(approval)).toContain('- 按钮：王五 按下“停止”');
});

test('a press whose answer was lost has counted, and the next one says so', async () => {
  const hand = dingtalkHand(loop);
  const approval = await hand.submit('E521');
  await approval.decide();
  await loop.closed(approval);
  loop.cloud.faults.add({ service: 'dingtalk', operation: 'cardCallback', times: 1, fault: { kind: 'lose_answer' } });
  expect(await hand.press(approval, 'zhangsan', 'output')).toBeUndefined();
  expect(await hand.press(approval, 'zhangsan', 'output')).toBe('张三 已经按过。');
  await answered(approval, 'output');
  expect(printed(loop, approval)).toHaveLength(1);
});

describe('a press that is not the platform’s own', () => {
  const press = (requestId: string, corpId: string) => ({
    type: 'actionCallback',
    outTrackId: 'a',
    corpId,
    userId: 'zhangsan',
    content: JSON.stringify({ cardPrivateData: { actionIds: ['output'], params: { request_id: requestId } } }),
  });
  const signed = (secret: string, at = Date.now()) => ({
    'x-ddpaas-signature-timestamp': String(at),
    'x-ddpaas-signature': createHmac('sha256', secret).update(String(at)).digest('base64'),
  });

  test.each<[string, (secret: string) => [method: string, headers: Record<string, string>], number]>([
    ['with another secret', () => ['POST', signed('another')], 403],
    ['without a time', (secret) => ['POST', { 'x-ddpaas-signature': signed(secret)['x-ddpaas-signature'] }], 403],
    ['without a signature', () => ['POST', {}], 404],
    ['by GET', (secret) => ['GET', signed(secret)], 403],
  ])('%s does nothing', async (_, of, status) => {
    const hand = dingtalkHand(loop);
    const approval = await hand.submit('E530');
    await approval.decide();
    const { facts } = await loop.closed(approval);
    const { DINGTALK_CARD_SECRET: secret = '' } = loop.cloud.variables;
    const [method, headers] = of(secret);
    const body = JSON.stringify(press(approval.requestId, loop.cloud.state.dingtalk.corp_id));
    const answer = await fetch(loop.cloud.ingestUrl, { method, headers, ...(method === 'GET' ? {} : { body }) });
    expect(answer.status).toBe(status);
    expect(await factsOf(approval)).toEqual(facts);
    expect(printed(loop, approval)).toEqual([]);
  });
});
