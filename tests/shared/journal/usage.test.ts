import { createUsage } from '../../../shared/journal/usage.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';
import { countCalls } from '../../../shared/runtime/count-calls.ts';
import { createHandClock } from '../hand-clock.ts';
import { makeTemporaryStore, type TemporaryStore } from './temporary-store.ts';

let opened: TemporaryStore;
let clock: ReturnType<typeof createHandClock>;
let entries: LogEntry[];
let writers = 0;
beforeEach(async () => {
  opened = await makeTemporaryStore();
  clock = createHandClock();
  entries = [];
});
afterEach(() => opened.remove());

/** The usage of one instance of a function, where DingTalk lets 100 calls and 10 messages through in a month. */
function openUsage() {
  const writer = () => {
    writers += 1;
    return `ingest_${writers}`;
  };
  const log = createLog({ clock, write: (entry) => void entries.push(entry) });
  return createUsage({ work: opened.store, quota: { dingtalk: { api: 100, webhook: 10 } }, clock, log, writer });
}

async function use(calls: number, usage = openUsage()): Promise<void> {
  for (let call = 0; call < calls; call += 1) usage.count('dingtalk', 'api');
  await usage.flush();
}

test.each([
  [0, 'plenty'],
  [79, 'plenty'],
  [80, 'scarce'],
  [94, 'scarce'],
  [95, 'last'],
  [1_000, 'last'],
])('after %i of 100 calls there is "%s" left', async (calls, level) => {
  await use(calls);
  expect(await openUsage().level('dingtalk', 'api')).toBe(level);
});

test('calls of all instances of all functions count together, and those of one flush lie in one object', async () => {
  await Promise.all([use(40), use(30), use(10)]);
  expect(await openUsage().level('dingtalk', 'api')).toBe('scarce');
  expect(await opened.store.list('usage/dingtalk/api/2026-09/')).toHaveLength(3);
});

test('what is not flushed is not lost, and nothing counts twice', async () => {
  const usage = openUsage();
  await use(50, usage);
  await use(0, usage);
  await use(29, usage);
  expect(await usage.level('dingtalk', 'api')).toBe('plenty');
  await use(1, usage);
  expect(await usage.level('dingtalk', 'api')).toBe('scarce');
});

test('the two quotas, and those of a platform without one, are apart', async () => {
  await use(99);
  const usage = openUsage();
  expect(await usage.level('dingtalk', 'webhook')).toBe('plenty');
  expect(await usage.level('lark', 'api')).toBe('plenty');
});

test('a new month begins with the whole quota', async () => {
  await use(99);
  clock.advance(30 * 86_400_000);
  expect(await openUsage().level('dingtalk', 'api')).toBe('plenty');
});

test('four fifths raise an alarm, once in a month and in all instances together', async () => {
  await use(85);
  await openUsage().level('dingtalk', 'api');
  await openUsage().level('dingtalk', 'api');
  expect(entries.map(({ level, message, fields }) => ({ level, message, fields }))).toEqual([
    {
      level: 'error',
      message: '80 % of the quota of this month is used',
      fields: { platform: 'dingtalk', pot: 'api', used: 85, limit: 100, alarm: 'quota_scarce' },
    },
  ]);
});

test.each<[string, string, string, string[]]>([
  ['a call of the new API', 'dingtalk', 'https://api.dingtalk.com/v1.0/workflow/processInstances', ['dingtalk api']],
  ['a call of the old API', 'dingtalk', 'https://oapi.dingtalk.com/topapi/v2/user/get?x=1', ['dingtalk api']],
  ['a message', 'dingtalk', 'https://oapi.dingtalk.com/robot/send?access_token=t', ['dingtalk webhook']],
  ['a call of Lark', 'lark', 'https://open.feishu.cn/open-apis/approval/v4/instances/x', ['lark api']],
  ['a call of the store', 'oss', 'https://oss.aliyuncs.com/robot/send', []],
])('%s counts where it belongs, also when it fails', async (_, service, url, counted) => {
  const seen: string[] = [];
  const usage = { ...openUsage(), count: (platform: string, pot: string) => void seen.push(`${platform} ${pot}`) };
  const http = countCalls(() => Promise.reject(new Error('lost')), usage);
  await expect(http({ service, method: 'GET', url, headers: {} })).rejects.toThrow('lost');
  expect(seen).toEqual(counted);
});
