import { type Form, form, type Loop, REFUSED, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
beforeAll(async () => {
  loop = await startLoop();
});
afterAll(() => loop.close());

/** The line of the message that says why. */
const reasonOf = (text: string | undefined) => text?.split('\n').find((line) => line.startsWith('- 原因：'));

test.each<[string, Form, string, string]>([
  [
    'without a field',
    { 'DDSelectField-ROLE': 'devops' },
    'missing_field',
    '表单里没有填写“emp_id”。请补全后重新提交。',
  ],
  [
    'with a value of another form',
    form('300'),
    'value_not_allowed',
    '“emp_id”的值“300”不符合要求。可接受：字母 E 加 3 到 8 位数字，例如 E123。请修改后重新提交。',
  ],
])('an approval %s is refused and told, and nothing runs', async (_, values, code, reason) => {
  const traces = await loop.closed(await loop.approve(values));
  expect(traces).toMatchObject({ facts: REFUSED, refusal: code, runs: [], left: [] });
  expect(traces.messages).toHaveLength(1);
  expect(reasonOf(traces.messages[0]?.text)).toBe(`- 原因：${reason}`);
});

test.each([
  'E123; touch /tmp/owned',
  '$(touch /tmp/owned)',
  '`touch /tmp/owned`',
  "E123' && touch /tmp/owned && echo '",
  'E123\ntouch /tmp/owned',
  'E123 | tee /tmp/owned',
  '--revoke',
  '{{request_id}}',
  '{{ACS::InstanceId}}',
  '$IFS',
  'E１２３',
  'Е123',
  '\u202eE123',
  'E123\u200b',
  ' E123',
  'E123\n',
  '工号🎉',
])('the value %j never reaches a shell', async (value) => {
  const { facts, refusal, runs, messages } = await loop.closed(await loop.approve(form(value)));
  expect([facts, refusal, runs]).toEqual([REFUSED, 'value_not_allowed', []]);
  expect(messages).toHaveLength(1);
  expect(messages[0]?.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/u);
  expect(await loop.file('/tmp/owned')).toBeUndefined();
});

test('somebody who agrees to what they asked for themselves does not count', async () => {
  const approval = await loop.submit(form('E301'), 'lisi');
  await approval.decide('lisi');
  const { facts, refusal, runs, messages } = await loop.closed(approval);
  expect([facts, refusal, runs]).toEqual([REFUSED, 'no_approver', []]);
  expect(reasonOf(messages[0]?.text)).toBe(
    '- 原因：有效的同意人数为 0，至少需要 1（申请人本人、自动通过、不在指定名单上的人都不算）。',
  );
});

test('an approval that is turned down runs nothing and tells nobody', async () => {
  const approval = await loop.submit(form('E302'));
  await approval.decide('lisi', 'refuse');
  await loop.logged('callback answered', { reason: '"finish refuse" is not "finish agree"' });
  const nothing = { facts: [], refusal: undefined, runs: [], messages: [], shown: [], left: [] };
  expect(await loop.traces(approval.requestId)).toEqual(nothing);
});

test('an approved modification of an earlier approval does not provision', async () => {
  const first = await loop.approve(form('E303'));
  expect((await loop.closed(first)).runs).toHaveLength(1);
  const attached = await loop.find(loop.cloud.dingtalk.attachInstance(first.instanceId, 'MODIFY'));
  await attached.decide();
  const { facts, refusal, runs, messages } = await loop.closed(attached);
  expect([facts, refusal, runs]).toEqual([REFUSED, 'not_original', []]);
  expect(messages).toHaveLength(1);
});
