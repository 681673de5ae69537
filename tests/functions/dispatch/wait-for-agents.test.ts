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
    ['⚠️ 新员工入职 · E123 部分实例失败', '- i-2 的云助手没有响应；恢复后会自动执行，最多等待 2h。'],
    ['💤 新员工入职 · E123 等待实例上线', '- 原因：i-2 的云助手没有响应；恢复后会自动执行。'],
    ['✅ 新员工入职 · E123 已完成', ''],
  ]);
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
