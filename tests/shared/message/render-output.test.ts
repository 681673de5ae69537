import type { InstanceResult } from '../../../shared/request/records.ts';
import { instance, render } from './sample.ts';

const failed = (output_tail: string, changes: Partial<InstanceResult> = {}): InstanceResult =>
  instance({ status: 'Failed', exit_code: 1, output_tail, ...changes });

/** What stands below the line with the link. */
function below(instances: InstanceResult[], language: 'zh-CN' | 'en' = 'en'): string[] {
  const { lines } = render({ instances, end: 'Failed' }, { language });
  return lines.slice(lines.findIndex((line) => line.includes('(https://example.com/a1)')) + 1);
}

test('the output of a run that failed is quoted, line by line', () => {
  const instances = [failed('first\n\n  second 第二行 🚀\n')];
  const quoted = ['> first  ', '> second 第二行 🚀  '];
  expect(below(instances)).toEqual(['', 'Output of i-1 (end): ', '', ...quoted]);
  expect(below(instances, 'zh-CN')).toEqual(['', 'i-1 的输出（末尾）：', '', ...quoted]);
});

test.each<[string, InstanceResult]>([
  ['a run that went well', instance({ output_tail: 'done' })],
  ['no output', failed('')],
  ['blank output', failed(' \n\t\n')],
  ['output that cannot be seen', failed('\u001b[2J\u200b\u202e')],
  ['nothing but the line for programs', failed('PROVISION_RESULT {"uid":"1"}\n')],
])('%s is not quoted', (_, result) => {
  expect(below([result])).toEqual([]);
});

test.each<[string, Partial<InstanceResult>, string[]]>([
  ['the line for programs is left out', { output_tail: 'a\nPROVISION_RESULT {"uid":"1"}\nb' }, ['a', 'b']],
  ['but not one that only looks like it', { output_tail: 'x PROVISION_RESULT {}' }, ['x PROVISION_RESULT {}']],
  ['bytes that were left out are said', { output_tail: 'a', output_omitted: 1 }, ['… (earlier output left out)', 'a']],
  [
    'twenty lines are shown',
    { output_tail: [...Array(20).keys()].join('\n') },
    [...Array(20).keys()].map((index) => `${index}`),
  ],
  [
    'of more the last twenty',
    { output_tail: [...Array(21).keys()].join('\n') },
    ['… (lines left out: 1)', ...[...Array(20).keys()].map((index) => `${index + 1}`)],
  ],
  [
    'the first three lines are shown, and how many are left out',
    { output_head: '开始 🚀\nb\nc\nd', lines_omitted: 40, output_omitted: 9_000, output_tail: 'y\nz' },
    ['开始 🚀', 'b', 'c', '… (lines left out: 41)', 'y', 'z'],
  ],
  ['a long line is cut at a character', { output_tail: '中'.repeat(86) }, [`${'中'.repeat(84)}…`]],
  ['carriage returns are lines', { output_tail: '10%\r20%\r\n30%' }, ['10%', '20%', '30%']],
  ['colours go', { output_tail: '\u001b[31mERROR\u001b[0m: no' }, ['ERROR: no']],
  ['direction and zero width go', { output_tail: '\u202etxt.exe\u202c a\u200bb' }, ['txt.exe ab']],
  [
    'markup is none',
    { output_tail: '# head\n- item\n[x](http://evil)\n<b>@all</b> `c` **d**\n> quote\n---' },
    ['＃ head', '－ item', '［x］(http：//evil)', '＜b＞＠all＜/b＞ ｀c｀ ＊＊d＊＊', '＞ quote', '－－－'],
  ],
  ['bytes that are no text are marks', { output_tail: 'a\ufffd\ufffdb' }, ['a\ufffd\ufffdb']],
])('%s', (_, changes, lines) => {
  expect(below([failed('', changes)])).toEqual([
    '',
    'Output of i-1 (end): ',
    '',
    ...lines.map((line) => `> ${line}  `),
  ]);
});

test('of several instances the first three that failed are quoted', () => {
  const instances = [
    instance({ instance_id: 'i-ok', output_tail: 'fine' }),
    failed('', { instance_id: 'i-silent' }),
    ...['a', 'b', 'c', 'd'].map((name) => failed(`output of ${name}`, { instance_id: `i-${name}` })),
  ];
  const labels = below(instances).filter((line) => line !== '');
  expect(labels).toEqual([
    'Output of i-a (end): ',
    '> output of a  ',
    'Output of i-b (end): ',
    '> output of b  ',
    'Output of i-c (end): ',
    '> output of c  ',
  ]);
});

test('an ANSI sequence that the cut of the tail has halved does no harm', () => {
  expect(below([failed('31mred\u001b[0m\n\u001b[3')])).toEqual([
    '',
    'Output of i-1 (end): ',
    '',
    '> 31mred  ',
    '> 3  ',
  ]);
});
