import { liftPause, listPauses } from '../../../shared/journal/pauses.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const IDS = ['a', 'b', 'c', 'd'];
const REQUESTS = IDS.map((id) => `dingtalk.${id}`);

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld({ limits: { per_hour: 2 } });
  opened.world.source.put(...IDS.map((id, index) => approvalOf(id, { employee: `E10${index}` })));
  for (const id of IDS) await opened.functions.callback(id);
});
afterEach(() => opened.remove());

const runs = () => opened.world.cloud.runs.map(({ requestId }) => requestId).sort();
const alarms = () =>
  opened.world.entries
    .filter(({ message }) => message === 'paused by itself')
    .map(({ message, fields }) => ({ message, fields }));
const messages = () => opened.world.messages.map(({ title, blocks }) => [title, blocks[0]?.text]);
const resume = () => liftPause(opened.world.work, 'onboarding', opened.world.clock.now());
async function minute(ids: readonly string[] = REQUESTS): Promise<void> {
  for (const me of ['ingest', 'dispatch', 'notify'] as const)
    for (const id of ids) await opened.functions.advance(me, id);
}

test('one run more than an hour may have pauses the workflow, with one alarm, and each that waits says so once', async () => {
  await minute();
  await minute();
  expect(runs()).toEqual(['dingtalk.a', 'dingtalk.b']);
  expect(await listPauses(opened.world.work)).toEqual([
    { workflow: 'onboarding', pause: { kind: 'limit', at: opened.world.clock.now(), per_hour: 2 } },
  ]);
  expect(alarms()).toEqual([
    {
      message: 'paused by itself',
      fields: { request_id: 'dingtalk.c', workflow: 'onboarding', per_hour: 2, alarm: 'workflow_paused' },
    },
  ]);
  const text = '- 原因：一小时内已执行 2 次，达到上限，已自动暂停。运维人员恢复后会自动继续，请勿重复提交。';
  expect(messages()).toEqual([
    ['⏸️ 新员工入职 · E102 已暂停', text],
    ['⏸️ 新员工入职 · E103 已暂停', text],
  ]);
});

test('a new hour does not lift the pause, a person does, and that begins a new count', async () => {
  await minute();
  opened.world.clock.advance(2 * 3_600_000);
  await minute();
  expect(runs()).toHaveLength(2);
  await resume();
  await minute();
  expect(runs()).toEqual(REQUESTS);
  expect(alarms()).toHaveLength(1);
});

test('many that come at once through two copies of the function start no more than the limit', async () => {
  const copies = [opened.functions, opened.world.open()];
  await Promise.all(REQUESTS.flatMap((id) => copies.map((copy) => copy.advance('dispatch', id))));
  expect(runs().length).toBeLessThanOrEqual(2);
  expect(await listPauses(opened.world.work)).toHaveLength(1);
  expect(alarms()).toHaveLength(1);
  for (let round = 0; round < 4; round += 1) {
    await resume();
    await minute();
  }
  expect(runs()).toEqual(REQUESTS);
});

test('reversals neither count nor wait', async () => {
  await minute();
  opened.world.cloud.finish();
  await minute();
  for (const id of ['a', 'b']) {
    opened.world.source.revoke(id, `${id}-revocation`);
    await opened.functions.callback(`${id}-revocation`);
    await minute([`dingtalk.${id}-revocation`, `dingtalk.${id}.revoke`]);
  }
  expect(runs()).toEqual(['dingtalk.a', 'dingtalk.a.revoke', 'dingtalk.b', 'dingtalk.b.revoke']);
});

test('where the workflow has no limit nothing is counted', async () => {
  await opened.remove();
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
  await minute(['dingtalk.a']);
  expect([runs(), await opened.world.work.list('starts/')]).toEqual([['dingtalk.a'], []]);
});
