import { makeRoot, type OtherRoot } from './other-root.ts';
import { dingtalkHand, larkHand, printed, withButtons } from './press-buttons.ts';
import { type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(180_000);

const HANDS = { dingtalk: dingtalkHand, lark: larkHand } as const;

let other: OtherRoot;
let loop: Loop;
beforeAll(async () => {
  other = await makeRoot((file) => withButtons(file, 'en'));
  loop = await startLoop({ root: other.root });
});
afterAll(async () => {
  await loop.close();
  await other.remove();
});

test.each([
  ['dingtalk', 'E540'],
  ['lark', 'E541'],
] as const)('the buttons of %s, and what is said of a press', async (name, employee) => {
  const hand = HANDS[name](loop);
  const approval = await hand.submit(employee);
  await approval.decide();
  await loop.closed(approval);
  expect(hand.labels(approval)).toEqual(['Show output']);
  expect(await hand.press(approval, 'lisi', 'output')).toBe('You may not do this; please ask an operator.');
  expect(await hand.press(approval, 'zhangsan', 'output')).toBe('The output comes to this chat.');
  await loop.logged('press answered', { request_id: approval.requestId, outcome: 'done' });
  expect(hand.text(approval)).toMatch(/- Button: 张三 pressed Show output \(\w+ \d{1,2}, \d\d:\d\d\)/);
  expect(await hand.press(approval, 'zhangsan', 'output')).toBe('张三 has pressed it already.');
  expect(printed(loop, approval)).toHaveLength(1);
});
