import type { InstanceResult } from '../../../shared/request/records.ts';
import { instance, linesOf, render } from './sample.ts';

const zhEn = (instances: InstanceResult[]) =>
  (['zh-CN', 'en'] as const).map((language) => {
    const rendered = render({ instances, end: 'Failed' }, { language });
    return [...linesOf(rendered, '- 执行：'), ...linesOf(rendered, '- Run: ')];
  });

describe('an instance has a line', () => {
  test.each<[string, Partial<InstanceResult>, string, string]>([
    ['with code and time', {}, '- 执行：i-1 已完成，退出码 0，用时 3 秒', '- Run: i-1 done, exit code 0, 3 s'],
    [
      'without a code where there is none',
      { exit_code: null, duration_ms: null, status: 'Cancelled' },
      '- 执行：i-1 已取消，未执行',
      '- Run: i-1 was cancelled before it started',
    ],
    [
      'with a time under a second',
      { duration_ms: 999 },
      '- 执行：i-1 已完成，退出码 0，用时不到 1 秒',
      '- Run: i-1 done, exit code 0, under 1 s',
    ],
    [
      'with a time in whole seconds',
      { duration_ms: 44_500 },
      '- 执行：i-1 已完成，退出码 0，用时 45 秒',
      '- Run: i-1 done, exit code 0, 45 s',
    ],
    [
      'with a time in minutes',
      { duration_ms: 301_000 },
      '- 执行：i-1 已完成，退出码 0，用时 5 分钟 1 秒',
      '- Run: i-1 done, exit code 0, 5 min 1 s',
    ],
    [
      'with a time in hours, without the seconds that nobody wants then',
      { duration_ms: 86_399_000 },
      '- 执行：i-1 已完成，退出码 0，用时 23 小时 59 分钟',
      '- Run: i-1 done, exit code 0, 23 h 59 min',
    ],
    [
      'with a time of whole hours',
      { duration_ms: 7_199_600 },
      '- 执行：i-1 已完成，退出码 0，用时 2 小时',
      '- Run: i-1 done, exit code 0, 2 h',
    ],
    [
      'with the error of one that failed',
      { status: 'Failed', exit_code: 2, error_code: 'ExitCodeNonzero' },
      '- 执行：i-1 执行失败，退出码 2，用时 3 秒，ExitCodeNonzero',
      '- Run: i-1 failed, exit code 2, 3 s, ExitCodeNonzero',
    ],
    [
      'without the error of one that did not',
      { error_code: 'Leftover' },
      '- 执行：i-1 已完成，退出码 0，用时 3 秒',
      '- Run: i-1 done, exit code 0, 3 s',
    ],
    [
      'with an error made harmless and cut to 64 bytes',
      { status: 'Aborted', exit_code: null, duration_ms: null, error_code: `**x**\n\u202e${'中'.repeat(30)}` },
      `- 执行：i-1 未能送达实例，未执行，＊＊x＊＊ ${'中'.repeat(18)}…`,
      `- Run: i-1 not run: the instance could not be reached, ＊＊x＊＊ ${'中'.repeat(18)}…`,
    ],
  ])('%s', (_, changes, zh, en) => {
    expect(zhEn([instance(changes)])).toEqual([[zh], [en]]);
  });
});

describe('of several instances', () => {
  test('those that failed come first, each kind in its order', () => {
    const statuses = ['Success', 'Failed', 'Success', 'Timeout'] as const;
    const instances = statuses.map((status, index) =>
      instance({ instance_id: `i-${index}`, status, exit_code: null, duration_ms: null }),
    );
    expect(linesOf(render({ instances, end: 'PartialFailed' }), '- Run')).toEqual([
      '- Run: i-1 failed',
      '- Run: i-3 timed out',
      '- Run: i-0 done',
      '- Run: i-2 done',
    ]);
  });

  const many = (count: number, status: (index: number) => InstanceResult['status']) =>
    [...Array(count).keys()].map((index) =>
      instance({ instance_id: `i-${index}`, status: status(index), exit_code: null, duration_ms: null }),
    );

  test('ten are listed', () => {
    const lines = linesOf(render({ instances: many(10, () => 'Success') }), '- Run');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('- Run: i-9 done');
  });

  test('the eleventh is counted', () => {
    const [zh, en] = zhEn(many(11, () => 'Success'));
    expect([zh?.length, zh?.at(-1)]).toEqual([11, '- 执行：另有 1 个实例：1 个已完成']);
    expect([en?.length, en?.at(-1)]).toEqual([11, '- Run: 1 more: 1 done']);
  });

  test('a hundred are ten and a count of each end', () => {
    const ends = (index: number) => (index % 10 === 0 ? 'Timeout' : index % 2 === 0 ? 'Failed' : 'Success');
    const [zh, en] = zhEn(many(100, ends));
    expect(zh?.at(-1)).toBe('- 执行：另有 90 个实例：8 个执行超时，32 个执行失败，50 个已完成');
    expect(en?.at(-1)).toBe('- Run: 90 more: 8 timed out, 32 failed, 50 done');
    expect([zh?.length, en?.length]).toEqual([11, 11]);
  });

  test('none is a message all the same', () => {
    expect(linesOf(render({ instances: [] }), '- Run')).toEqual([]);
  });
});

describe('facts are the word of the instance', () => {
  const reported = (facts: Record<string, string>, language: 'zh-CN' | 'en' = 'en') =>
    render({ instances: [instance({ facts })] }, { language }).lines.filter((line) => /^- (Reported|由)/.test(line));

  test('in both languages', () => {
    const facts = { username: 'zhang.san', uid: '2001' };
    expect(reported(facts)).toEqual(['- Reported by i-1: username = zhang.san, uid = 2001']);
    expect(reported(facts, 'zh-CN')).toEqual(['- 由 i-1 报告：username = zhang.san，uid = 2001']);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['none are no line', {}, []],
    ['what the message says already is left out', { emp_id: 'E123', role: 'devops' }, []],
    ['what differs from the request is shown', { emp_id: 'E124' }, ['- Reported by i-1: emp_id = E124']],
    ['what only programs read is left out', { version: '1', action: 'a', request: 'r', host: 'h', status: 's' }, []],
    ['a name of every object is a fact', { constructor: 'x' }, ['- Reported by i-1: constructor = x']],
    ['markup is none', { user: '[x](http://evil)' }, ['- Reported by i-1: user = ［x］(http：//evil)']],
    ['one line is kept', { user: 'a\n- Run: i-9 done' }, ['- Reported by i-1: user = a - Run: i-9 done']],
    ['64 bytes are kept', { user: '中'.repeat(30) }, [`- Reported by i-1: user = ${'中'.repeat(20)}…`]],
  ])('%s', (_, facts, lines) => {
    expect(reported(facts)).toEqual(lines);
  });

  test('of three instances at most, those that failed first, and of an end that failed too', () => {
    const instances = [...Array(5).keys()].map((index) =>
      instance({ instance_id: `i-${index}`, facts: { uid: `${index}` }, status: index === 4 ? 'Failed' : 'Success' }),
    );
    expect(linesOf(render({ instances, end: 'PartialFailed' }), '- Reported')).toEqual([
      '- Reported by i-4: uid = 4',
      '- Reported by i-0: uid = 0',
      '- Reported by i-1: uid = 1',
    ]);
  });

  test('more than a line holds are counted', () => {
    const facts = Object.fromEntries([...Array(40).keys()].map((index) => [`fact_${index}`, '值'.repeat(20)]));
    const [line = ''] = reported(facts);
    expect(line.startsWith(`- Reported by i-1: fact_0 = ${'值'.repeat(20)}, fact_1 = `)).toBe(true);
    expect(line.endsWith(`fact_24 = ${'值'.repeat(20)}, … (40 in all)`)).toBe(true);
    expect(reported(facts, 'zh-CN')[0]?.endsWith('，……（共 40 个）')).toBe(true);
  });
});
