import type { FinalMessage } from '../../../shared/message/render-final.ts';
import type { Language } from '../../../shared/workflows/schema.ts';
import { linesOf, render } from './sample.ts';

describe('a message', () => {
  test('in Chinese says what, for whom, by whom, where and how it went', () => {
    expect(render({}, { language: 'zh-CN' })).toMatchObject({
      title: '✅ 新员工入职 · E123 已完成',
      lines: [
        '### ✅ 新员工入职 · E123 已完成',
        '',
        '- 审批：张三提交的入职 202609011000',
        '- 申请人：张三',
        '- 同意人：李四（9月1日 09:58）',
        '- 参数：emp_id = E123，role = devops',
        '- 执行：i-1 已完成，退出码 0，用时 3 秒',
        '- 编号：dingtalk.a1，[查看审批](https://example.com/a1)',
      ],
    });
  });

  test('in English says the same', () => {
    expect(render()).toMatchObject({
      title: '✅ 新员工入职 · E123 done',
      lines: [
        '### ✅ 新员工入职 · E123 done',
        '',
        '- Approval: 张三提交的入职 202609011000',
        '- Requested by: 张三',
        '- Approved by: 李四 (Sep 1, 09:58)',
        '- Parameters: emp_id = E123, role = devops',
        '- Run: i-1 done, exit code 0, 3 s',
        '- Request: dingtalk.a1, [Open the approval](https://example.com/a1)',
      ],
    });
  });

  test('of a request of which nothing is known says only what there is', () => {
    const nothing: Partial<FinalMessage> = { approval: undefined, requester: undefined, approvers: [], parameters: {} };
    const refusal = { code: 'approval_unreadable', values: { error: 'dingtalk.403' } };
    expect(render({ ...nothing, subject: '', end: 'Refused', instances: [], refusal })).toMatchObject({
      title: '⛔ 新员工入职 not run',
      lines: [
        '### ⛔ 新员工入职 not run',
        '',
        '- Reason: The approval could not be read (dingtalk.403); an administrator should check the permissions of the app.',
        '- Request: dingtalk.a1, [Open the approval](https://example.com/a1)',
      ],
    });
  });

  test('of an approval nobody agreed to says so', () => {
    expect(linesOf(render({ approvers: [] }), '- Approved')).toEqual(['- Approved by: nobody']);
    expect(linesOf(render({ approvers: [] }, { language: 'zh-CN' }), '- 同意人')).toEqual(['- 同意人：无']);
  });
});

describe('the end', () => {
  test.each<[FinalMessage['end'], Language, string, string[]]>([
    ['Success', 'zh-CN', '✅ 新员工入职 · E123 已完成', []],
    [
      'Failed',
      'zh-CN',
      '❌ 新员工入职 · E123 执行失败',
      ['- 原因：脚本没有成功（退出码不为 0），请运维人员查看输出并处理。'],
    ],
    ['PartialFailed', 'zh-CN', '⚠️ 新员工入职 · E123 部分实例失败', ['- 原因：部分实例没有成功，请运维人员逐个处理。']],
    [
      'Error',
      'zh-CN',
      '❌ 新员工入职 · E123 执行异常',
      ['- 原因：云助手未能正常结束此次执行。请运维人员检查实例，再次执行。'],
    ],
    [
      'Timeout',
      'zh-CN',
      '❌ 新员工入职 · E123 执行超时',
      ['- 原因：脚本没有在限定时间内结束，已被强制停止，实例上可能留有部分改动。请运维人员检查后再次执行。'],
    ],
    [
      'Terminated',
      'zh-CN',
      '⏹ 新员工入职 · E123 已被终止',
      ['- 原因：有人在执行过程中停止了它，实例上可能留有部分改动。请运维人员检查，需要时再次执行。'],
    ],
    [
      'Cancelled',
      'zh-CN',
      '⏹ 新员工入职 · E123 已取消，未执行',
      ['- 原因：执行在开始之前被取消，实例没有改动。如仍需要，请重新提交申请。'],
    ],
    [
      'Invalid',
      'zh-CN',
      '❌ 新员工入职 · E123 命令或参数无效，未执行',
      ['- 原因：实例上缺少命令所需的用户、目录或参数。请运维人员检查命令配置，再重新提交申请。'],
    ],
    [
      'Aborted',
      'zh-CN',
      '❌ 新员工入职 · E123 未能送达实例，未执行',
      ['- 原因：实例未运行或云助手离线。请运维人员检查实例，再次执行。'],
    ],
    ['Refused', 'zh-CN', '⛔ 新员工入职 · E123 未执行', []],
    ['Withdrawn', 'zh-CN', '⏹ 新员工入职 · E123 已撤销，未执行', []],
    ['Parked', 'zh-CN', '⚠️ 新员工入职 · E123 未能完成，需要运维人员处理', []],
    ['Success', 'en', '✅ 新员工入职 · E123 done', []],
    [
      'Failed',
      'en',
      '❌ 新员工入职 · E123 failed',
      ['- Reason: The script did not succeed (its exit code is not 0). An operator should look at its output.'],
    ],
    [
      'PartialFailed',
      'en',
      '⚠️ 新员工入职 · E123 failed on some instances',
      ['- Reason: Some instances did not succeed. An operator should deal with each of them.'],
    ],
    [
      'Error',
      'en',
      '❌ 新员工入职 · E123 ended abnormally',
      [
        '- Reason: Cloud Assistant could not finish this run properly. An operator should check the instance, then run it again.',
      ],
    ],
    [
      'Timeout',
      'en',
      '❌ 新员工入职 · E123 timed out',
      [
        '- Reason: The script did not end in the time it had and was killed; the instance may be partly changed. An operator should check it, then run it again.',
      ],
    ],
    [
      'Terminated',
      'en',
      '⏹ 新员工入职 · E123 was stopped',
      [
        '- Reason: Somebody stopped it while it ran; the instance may be partly changed. An operator should check it, and run it again if it is still wanted.',
      ],
    ],
    [
      'Cancelled',
      'en',
      '⏹ 新员工入职 · E123 was cancelled before it started',
      ['- Reason: It was cancelled before it started; the instance is unchanged. Submit again if it is still wanted.'],
    ],
    [
      'Invalid',
      'en',
      '❌ 新员工入职 · E123 not run: command or parameter invalid',
      [
        '- Reason: A user, folder or parameter that the command needs is missing on the instance. An operator should check the command; then submit again.',
      ],
    ],
    [
      'Aborted',
      'en',
      '❌ 新员工入职 · E123 not run: the instance could not be reached',
      [
        '- Reason: The instance is not running or its agent is offline. An operator should check the instance, then run it again.',
      ],
    ],
    ['Refused', 'en', '⛔ 新员工入职 · E123 not run', []],
    ['Withdrawn', 'en', '⏹ 新员工入职 · E123 withdrawn, not run', []],
    ['Parked', 'en', '⚠️ 新员工入职 · E123 not finished, an operator is needed', []],
  ])('%s in %s', (end, language, title, reasons) => {
    const rendered = render({ end }, { language });
    expect(rendered.title).toBe(title);
    expect(rendered.lines[0]).toBe(`### ${title}`);
    expect([...linesOf(rendered, '- 原因'), ...linesOf(rendered, '- Reason')]).toEqual(reasons);
  });
});

describe('what undoes another request', () => {
  test.each<[Language, FinalMessage['end'], string]>([
    ['zh-CN', 'Success', '✅ 撤销 新员工入职 · E123 已完成'],
    ['zh-CN', 'Refused', '⛔ 撤销 新员工入职 · E123 未执行'],
    ['en', 'Success', '✅ Undo: 新员工入职 · E123 done'],
    ['en', 'Failed', '❌ Undo: 新员工入职 · E123 failed'],
  ])('in %s, %s, has the title %s', (language, end, title) => {
    expect(render({ action: 'revoke', end }, { language }).title).toBe(title);
  });
});

test('an attempt that a person asked for says why and who, made harmless', () => {
  const retry = { reason: '**磁盘**\n已清理', by: 'ops@host' };
  expect(linesOf(render({ retry }, { language: 'zh-CN' }), '- 重新执行')).toEqual([
    '- 重新执行：＊＊磁盘＊＊ 已清理（ops＠host）',
  ]);
  expect(linesOf(render({ retry: { reason: 'disk', by: 'ops' } }), '- Tried again')).toEqual([
    '- Tried again: disk (ops)',
  ]);
  expect(linesOf(render(), '- Tried again')).toEqual([]);
});

describe('the time of an agreement', () => {
  test.each<[string, Language, string, string]>([
    ['2026-09-01T01:58Z', 'zh-CN', 'Asia/Shanghai', '李四（9月1日 09:58）'],
    ['2026-08-31T16:05Z', 'zh-CN', 'Asia/Shanghai', '李四（9月1日 00:05）'],
    ['2026-08-31T16:05Z', 'zh-CN', 'UTC', '李四（8月31日 16:05）'],
    ['2026-08-31T16:05Z', 'en', 'Asia/Shanghai', '李四 (Sep 1, 00:05)'],
    ['2026-08-31T16:05:59.999+08:00', 'en', 'UTC', '李四 (Aug 31, 08:05)'],
    ['2026-09-01T01:58Z', 'en', 'America/New_York', '李四 (Aug 31, 21:58)'],
    ['2026-01-01T01:58Z', 'en', 'America/New_York', '李四 (Dec 31, 20:58)'],
    ['2026-09-01T01:58Z', 'en', 'Asia/Kathmandu', '李四 (Sep 1, 07:43)'],
    ['', 'en', 'UTC', '李四'],
    ['昨天', 'zh-CN', 'UTC', '李四'],
  ])('%j in %s and %s', (at, language, timeZone, expected) => {
    const rendered = render({ approvers: [{ id: 'lisi', name: '李四', at }] }, { language, timeZone });
    const [line] = [...linesOf(rendered, '- 同意人：'), ...linesOf(rendered, '- Approved by: ')];
    expect(line?.replace(/^- (同意人：|Approved by: )/, '')).toBe(expected);
  });
});

test('everybody who agreed is named, in order, by id where the name cannot be seen', () => {
  const approvers = [
    { id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' },
    { id: 'wang_wu', name: '', at: '2026-09-01T02:00Z' },
    { id: 'li', name: '\u200b\u202e ', at: '' },
    { id: 'x', name: '{time} {name}', at: '2026-09-01T02:00Z' },
  ];
  expect(linesOf(render({ approvers, requester: { id: 'zhang', name: ' ' } }), '- ').slice(1, 3)).toEqual([
    '- Requested by: zhang',
    '- Approved by: 李四 (Sep 1, 09:58), wang_wu (Sep 1, 10:00), li, {time} {name} (Sep 1, 10:00)',
  ]);
});
