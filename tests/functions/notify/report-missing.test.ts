import { reportMissing } from '../../../functions/notify/report-missing.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { changed, SAMPLE } from '../../shared/workflows/sample.ts';

const W = 'workflows.onboarding';
const GROUP = { dingtalk: { group: { conversation: 'cid群==' } }, lark: { chat_id: 'oc_1' } };
const OPERATORS = { dingtalk: ['wangwu'], lark: ['ou_1'] };
const COMMENT = { dingtalk: 'wangwu', lark: 'ou_1' };
const ALL = [
  ['chats.it-ops', GROUP],
  ['operators', OPERATORS],
  [`${W}.comment_as`, COMMENT],
] as const;
const everything = ALL.reduce<unknown>((file, [path, value]) => changed(file, path, value), SAMPLE);
const DINGTALK = { DINGTALK_APP_KEY: 'ding', DINGTALK_APP_SECRET: '秘密 🔑' };
const LARK = { LARK_APP_SECRET: 'secret' };

/** What the function logs at its start. */
function said(file: unknown, variables: Record<string, string>, platforms: PlatformName[] = ['dingtalk', 'lark']) {
  const entries: LogEntry[] = [];
  const log = createLog({
    clock: { now: () => 0, sleep: async () => undefined },
    write: (entry) => entries.push(entry),
  });
  reportMissing({ workflows: loadWorkflows(file), variables, log }, platforms);
  return entries.map(({ level, message, fields }): Record<string, unknown> => ({ level, message, ...fields }));
}

test('what only the app can do, and the credentials that it lacks, are one line for each platform', () => {
  const line = { level: 'error', message: 'credentials missing', alarm: 'credentials_missing' };
  expect(said(everything, {})).toEqual([
    {
      ...line,
      platform: 'dingtalk',
      variables: 'DINGTALK_APP_KEY, DINGTALK_APP_SECRET',
      wanted_by: `chats.it-ops.dingtalk.group, operators.dingtalk, ${W}.comment_as.dingtalk`,
    },
    {
      ...line,
      platform: 'lark',
      variables: 'LARK_APP_SECRET',
      wanted_by: `chats.it-ops.lark.chat_id, operators.lark, ${W}.comment_as.lark`,
    },
  ]);
});

test.each([
  ['every credential is there', everything, { ...DINGTALK, ...LARK }, undefined, []],
  [
    'one variable of two is not set',
    everything,
    { ...DINGTALK, DINGTALK_APP_SECRET: 'not-set', ...LARK },
    undefined,
    ['DINGTALK_APP_SECRET'],
  ],
  ['a platform is not used here', everything, DINGTALK, ['dingtalk'], []],
  ['custom robots are all there is', SAMPLE, {}, undefined, []],
] as const)('%s', (_what, file, variables, platforms, missing) => {
  const platformsOf = platforms ? [...platforms] : undefined;
  expect(said(file, variables, platformsOf).map((line) => line['variables'])).toEqual([...missing]);
});
