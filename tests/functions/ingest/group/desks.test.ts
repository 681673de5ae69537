import { readUsed } from '../../../../shared/journal/usage.ts';
import { START } from '../../../local/lark/start-lark.ts';
import { type OpenGroup, openGroup } from './open-group.ts';

jest.setTimeout(120_000);

describe.each(['dingtalk', 'lark'] as const)('a group of %s', (platform) => {
  let group: OpenGroup;
  beforeEach(async () => {
    group = await openGroup(platform);
  });
  afterEach(() => group.close());

  test('what is asked for becomes one approval in the name of whoever asked, and the answer names it', async () => {
    const question = group.ask('入职 E123');
    await group.process().take(question);
    expect(group.approvals()).toBe(1);
    expect(group.shown()).toEqual([expect.stringMatching(/^已提交审批“入职”，编号 [\w-]+。审批通过后自动执行/)]);
    const [, instanceId] = /编号 ([\w-]+)。/.exec(group.shown()[0] ?? '') ?? [];
    const origin = await group.records.get(`origins/${platform}.${instanceId}.json`);
    expect(JSON.parse(String(origin))).toEqual({ chat: 'it-ops', message_id: question.message_id });
    expect(await group.work.list('questions/')).toEqual([]);
    expect(await group.work.list('leases/')).toEqual([]);
  });

  test('the same message sent again, at once and later, is the same question', async () => {
    const question = group.ask('onboard emp_id=E123');
    await Promise.all([group.process().take(question), group.process().take(question)]);
    group.advance(120_000);
    const late = group.process();
    await late.take(question);
    await late.sweep();
    expect({ approvals: group.approvals(), shown: group.shown().length }).toEqual({ approvals: 1, shown: 1 });
  });

  test('two people who ask for the same get an approval each', async () => {
    const ingest = group.process();
    await ingest.take(group.ask('入职 E123'));
    await ingest.take(group.ask('入职 E123'));
    expect({ approvals: group.approvals(), shown: group.shown().length }).toEqual({ approvals: 2, shown: 2 });
  });

  test('wherever the process dies, there is one approval in the end, and its answer', async () => {
    const whole = group.process();
    await whole.take(group.ask('入职 E100'));
    const points = whole.calls();
    expect(points).toBeGreaterThan(10);
    for (let at = 1; at <= points; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const before = { approvals: group.approvals(), shown: group.shown().length };
        const question = group.ask(`入职 E${at}00`);
        await group
          .process({ dies: { at, when } })
          .take(question)
          .catch(() => undefined);
        // The platform sends again what was not taken, and the lease of the dead process runs out.
        group.advance(100_000);
        const next = group.process();
        await next.take(question);
        await next.sweep();
        const made = group.approvals() - before.approvals;
        const told = group.shown().length - before.shown;
        expect({ at, when, made, open: await group.work.list('questions/') }).toEqual({ at, when, made: 1, open: [] });
        // DingTalk's robot knows no keys: an answer whose sending was not heard of is repeated.
        expect(told).toBeGreaterThanOrEqual(1);
        expect(told).toBeLessThanOrEqual(platform === 'lark' ? 1 : 2);
      }
    }
  });

  /** So many of the month's thousand calls are used already. */
  const spend = async (calls: number) => {
    const month = new Date(START).toISOString().slice(0, 7);
    await group.work.createIfAbsent(`usage/${platform}/api/${month}/others-${calls}`, Buffer.from('{}'));
  };

  test('an answer counts as the calls that it takes', async () => {
    const ingest = group.process();
    await ingest.take(group.ask('帮助'));
    await ingest.flush();
    // The token, and the message.
    expect(await readUsed(group.work, platform, 'api', START)).toBe(2);
  });

  test.each(['帮助', '', '状态', '状态 E123 🙂', '为什么 x', '开门 🚪'])(
    '"%s" is answered after progress is told no more, and not when comments are left out too',
    async (text) => {
      await spend(949);
      const ingest = group.process();
      await ingest.take(group.ask(text));
      expect(group.shown()).toHaveLength(1);
      await spend(1);
      const question = group.ask(text);
      await ingest.take(question);
      await ingest.sweep();
      // Nor when the platform sends it again.
      await ingest.take(question);
      expect(group.shown()).toHaveLength(1);
      expect(await group.work.list('questions/')).toEqual([]);
      expect(ingest.logs.filter(({ message }) => message === 'question not answered')).toHaveLength(1);
    },
  );

  test.each([
    ['入职 E123', /^已提交审批“入职”，编号 [\w-]+。/],
    ['入职 300', /^“emp_id”的值“300”不符合要求。/],
    ['入职 工号=E123', /^没有名为“工号”的参数。/],
    ['入职 E123 E124', /^多出了“E124”/],
  ])('"%s" is answered to the last call', async (text, answer) => {
    await spend(1_000);
    await group.process().take(group.ask(text));
    expect(group.shown()).toEqual([expect.stringMatching(answer)]);
  });

  test('who is not of the group that workflows.yaml knows hears that there is nothing to ask for', async () => {
    const question = { ...group.ask('入职 E123'), conversation: platform === 'dingtalk' ? 'cidDEV==' : 'oc_other' };
    await group.process().take(question);
    expect({ approvals: group.approvals(), shown: group.shown() }).toEqual({
      approvals: 0,
      shown: ['本群没有可以申请的事项，请联系管理员。'],
    });
  });
});

test('a group whose workflow speaks English is answered in English', async () => {
  const group = await openGroup('lark', { language: 'en' });
  const ingest = group.process();
  for (const text of ['help', 'onboard 300', 'open 🚪', 'onboard E123', 'status', 'why nobody']) {
    await ingest.take(group.ask(text));
    group.advance(1_000);
  }
  const shown = group.shown();
  await group.close();
  expect(shown).toEqual([
    [
      'In this group you may ask for (mention me and write one line):',
      '入职 emp_id=<E123>',
      '    入职',
      'Also: status [id], why <id>, help',
    ].join('\n'),
    'The value "300" of "emp_id" is not allowed. Accepted: E123. Correct it and submit again.',
    'There is no command "open". Accepted: 入职, status, why, help.',
    expect.stringMatching(
      /^Approval "入职" submitted, id [\w-]+\. It runs once it is approved, and the result comes to this group\. See https:/,
    ),
    'Nothing is under way in this group.',
    'This group has no request "nobody".',
  ]);
});
