import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const AGAIN = 'dingtalk.a.retry-1';

let opened: TemporaryWorld;
afterEach(() => opened.remove());

/** A run that succeeded on i-1 and did not reach i-2. */
async function runWithoutSecond(offline: string, error = 'ClientNotOnline'): Promise<void> {
  opened = await openTemporaryWorld({
    run: { command: 'onboarding', instances: ['i-1', 'i-2'], offline },
  });
  opened.world.source.put(approvalOf('a'));
  opened.world.cloud.errors.set('i-2', error);
  opened.world.cloud.offline.add('i-2');
  await opened.functions.callback('a');
  await opened.functions.advance('dispatch', A);
  opened.world.cloud.finish({ instances: { 'i-1': 'Success', 'i-2': 'Aborted' } });
  await opened.functions.advance('notify', A);
}
/** What the sweeps of all three functions do for the second attempt in a minute. */
async function minute(): Promise<void> {
  opened.world.clock.advance(60_000);
  for (const name of ['ingest', 'dispatch', 'notify'] as const) await opened.functions.advance(name, AGAIN);
}
const runs = () => opened.world.cloud.runs.map(({ requestId, input }) => [requestId, input.instances]);
const titles = () => opened.world.messages.map(({ title, blocks }) => [title, blocks[0]?.text.split('\n').at(-1)]);

test('the rest runs now, and what was offline when its agent answers', async () => {
  await runWithoutSecond('wait 2h');
  expect(runs()).toEqual([[A, ['i-1', 'i-2']]]);
  await minute();
  await minute();
  expect(runs()).toHaveLength(1);
  opened.world.cloud.offline.delete('i-2');
  await minute();
  expect(runs()).toEqual([
    [A, ['i-1', 'i-2']],
    [AGAIN, ['i-2']],
  ]);
  opened.world.cloud.finish();
  await minute();
  expect(await opened.last(AGAIN)).toMatchObject({ type: 'closed' });
  expect(titles()).toEqual([
    [
      '⚠️ 新员工入职 · E123 部分实例失败',
      '- i-2 的云助手没有响应；全部恢复后会自动执行，最多等待 2 小时，之后再试一次。请勿重复提交。',
    ],
    ['💤 新员工入职 · E123 等待实例上线', '- 原因：i-2 的云助手没有响应；全部恢复后会自动执行。'],
    ['✅ 新员工入职 · E123 已完成', ''],
  ]);
  expect(opened.world.messages.at(-1)?.blocks[1]?.text).toContain('- 重新执行：等待离线实例之后自动执行');
});

test('when the time is over it runs without waiting, and that is the end of it', async () => {
  await runWithoutSecond('wait 30m');
  for (let passed = 0; passed < 31; passed += 1) await minute();
  expect(runs()).toHaveLength(1);
  await minute();
  expect(runs()).toHaveLength(2);
  opened.world.cloud.finish({ status: 'Aborted' });
  await minute();
  expect(await opened.last(AGAIN)).toMatchObject({ type: 'closed' });
  expect(await opened.functions.markers.list()).toEqual([]);
});

test('an instance that was reached and failed is not run again by itself, and the message tells both', async () => {
  opened = await openTemporaryWorld({ run: { command: 'onboarding', instances: ['i-1', 'i-2'], offline: 'wait 2h' } });
  opened.world.source.put(approvalOf('a'));
  opened.world.cloud.errors.set('i-2', 'ClientNotOnline');
  opened.world.cloud.errors.set('i-1', 'ExitCodeNonzero');
  await opened.functions.callback('a');
  await opened.functions.advance('dispatch', A);
  opened.world.cloud.finish({ instances: { 'i-1': 'Failed', 'i-2': 'Aborted' } });
  await opened.functions.advance('notify', A);
  await minute();
  expect(runs()).toEqual([
    [A, ['i-1', 'i-2']],
    [AGAIN, ['i-2']],
  ]);
  expect(opened.world.messages[0]?.blocks[0]?.text.split('\n')).toEqual([
    '- i-2 的云助手没有响应；全部恢复后会自动执行，最多等待 2 小时，之后再试一次。请勿重复提交。',
    '- 原因：脚本没有成功（退出码不为 0），请运维人员查看输出并处理。',
    '- 再次执行：npm run -s loop -- requests retry dingtalk.a --reason …',
  ]);
});

test('a reversal waits for its instances, too, and undoes only what was left', async () => {
  opened = await openTemporaryWorld({ run: { command: 'onboarding', instances: ['i-1', 'i-2'], offline: 'wait 2h' } });
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
  await opened.functions.advance('dispatch', A);
  opened.world.cloud.finish();
  await opened.functions.advance('notify', A);
  opened.world.source.revoke('a', 'r');
  opened.world.cloud.errors.set('i-2', 'ClientNotOnline');
  await opened.functions.callback('r');
  for (const id of ['dingtalk.r', 'dingtalk.a.revoke'])
    for (const name of ['ingest', 'dispatch'] as const) await opened.functions.advance(name, id);
  opened.world.cloud.finish({ instances: { 'i-1': 'Success', 'i-2': 'Aborted' } });
  await opened.functions.advance('notify', 'dingtalk.a.revoke');
  for (const name of ['ingest', 'dispatch'] as const) await opened.functions.advance(name, 'dingtalk.a.revoke.retry-1');
  expect(runs().slice(1)).toEqual([
    ['dingtalk.a.revoke', ['i-1', 'i-2']],
    ['dingtalk.a.revoke.retry-1', ['i-2']],
  ]);
});

test('where no chat can be reached the second attempt is on its way all the same', async () => {
  opened = await openTemporaryWorld(
    { run: { command: 'onboarding', instances: ['i-1', 'i-2'], offline: 'wait 2h' } },
    { channel: () => undefined },
  );
  opened.world.source.put(approvalOf('a'));
  opened.world.cloud.errors.set('i-2', 'ClientNotOnline');
  await opened.functions.callback('a');
  await opened.functions.advance('dispatch', A);
  opened.world.cloud.finish({ instances: { 'i-1': 'Success', 'i-2': 'Aborted' } });
  await expect(opened.functions.advance('notify', A)).rejects.toThrow('can be reached');
  expect(await opened.functions.markers.list()).toEqual([A, AGAIN]);
});

test.each([
  ['fail', 'ClientNotOnline', 'the workflow does not wait'],
  ['wait 2h', 'ExitCodeNonzero', 'the instance was reached'],
])('offline: %s and %s makes no second attempt: %s', async (offline, error) => {
  await runWithoutSecond(offline, error);
  expect(await opened.functions.markers.list()).toEqual([]);
  expect(titles()[0]?.[1]).toBe('- 再次执行：npm run -s loop -- requests retry dingtalk.a --failed-only --reason …');
});

test('a request that was revoked meanwhile does not run', async () => {
  await runWithoutSecond('wait 2h');
  await minute();
  opened.world.source.revoke('a', 'a-revocation');
  opened.world.cloud.offline.delete('i-2');
  opened.world.clock.advance(11 * 60_000);
  await minute();
  await minute();
  expect(runs()).toHaveLength(1);
});
