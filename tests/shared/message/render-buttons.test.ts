import type { PressKind } from '../../../shared/events.ts';
import { type FinalMessage, renderFinal, renderOutput } from '../../../shared/message/render-final.ts';
import { renderProgress } from '../../../shared/message/render-progress.ts';
import type { RenderOptions } from '../../../shared/message/render-request.ts';
import { instance, MESSAGE } from './sample.ts';

const AT = '2026-09-01T02:00:00.000Z';
const WANGWU = { id: 'wangwu', name: '王五 🙂' };
const ALL: PressKind[] = ['stop', 'retry', 'output'];
const FAILED = {
  end: 'Failed' as const,
  instances: [instance({ status: 'Failed', exit_code: 1, output_tail: '坏了 🙂' })],
};
const DONE = { end: 'Success' as const, instances: [instance({ output_tail: '好 🙂' })] };
const running = { progress: { kind: 'running' as const, instances: ['i-1'], ended: [] } };

const optionsOf = (buttons: RenderOptions['buttons'], language: 'zh-CN' | 'en' = 'zh-CN'): RenderOptions => ({
  language,
  timeZone: 'Asia/Shanghai',
  escape: (text) => text,
  maxBytes: 14_000,
  buttons,
});
const onCard = (kinds: PressKind[] = ALL) => optionsOf({ kinds, pressable: true });
const elsewhere = (kinds: PressKind[] = ALL) => optionsOf({ kinds, pressable: false });
const pressed = (what: PressKind) => ({ presses: [{ what, by: WANGWU, at: AT }] });
const textOf = ({ blocks }: { blocks: readonly { text: string }[] }) => blocks.map(({ text }) => text).join('\n');

test.each<[string, Partial<FinalMessage>, string[]]>([
  ['a success with output', DONE, ['显示输出']],
  ['a success without any', { end: 'Success', instances: [instance()] }, []],
  ['a failure', FAILED, ['重试', '显示输出']],
  ['a failure that was tried again', { ...FAILED, ...pressed('retry') }, ['显示输出']],
  ['a failure whose output was shown', { ...FAILED, ...pressed('output') }, ['重试']],
  [
    'a failure whose instances run later by themselves',
    { ...FAILED, later: { instances: ['i-1'], waitMs: 7_200_000 } },
    ['显示输出'],
  ],
  ['a refusal', { end: 'Refused', instances: [], refusal: { code: 'no_approver', values: {} } }, []],
])('%s has the buttons of use', (_, message, labels) => {
  const { buttons } = renderFinal({ ...MESSAGE, ...message }, onCard());
  expect(buttons?.map(({ label }) => label)).toEqual(labels);
});

test.each<[string, object, string[]]>([
  ['a run', running, ['停止']],
  ['a run that is being stopped', { ...running, ...pressed('stop') }, []],
  ['a request that waits', { progress: { kind: 'waiting', for: 'dingtalk.b' } }, []],
  ['a request that was accepted', { progress: { kind: 'accepted' } }, []],
])('%s has the buttons of use on its way', (_, message, labels) => {
  const { buttons } = renderProgress({ ...MESSAGE, ...running, ...message }, onCard());
  expect(buttons).toEqual(labels.map((label) => ({ what: 'stop', label, requestId: 'dingtalk.a1' })));
});

test('only the buttons that the workflow has are there', () => {
  const { buttons } = renderFinal({ ...MESSAGE, ...FAILED }, onCard(['output']));
  expect(buttons?.map(({ what }) => what)).toEqual(['output']);
  expect(textOf(renderFinal({ ...MESSAGE, ...FAILED }, onCard(['output'])))).toContain('- 再次执行：');
  expect(renderFinal({ ...MESSAGE, ...FAILED }, optionsOf(undefined)).buttons).toBeUndefined();
});

test('a button takes the place of its command', () => {
  expect(textOf(renderFinal({ ...MESSAGE, ...FAILED }, onCard()))).not.toContain('npm run');
});

test.each<[string, string, string[]]>([
  [
    'a run',
    textOf(renderProgress({ ...MESSAGE, ...running }, elsewhere())),
    ['- 停止执行：npm run -s loop -- requests stop dingtalk.a1'],
  ],
  [
    'a failure',
    textOf(renderFinal({ ...MESSAGE, ...FAILED }, elsewhere())),
    [
      '- 再次执行：npm run -s loop -- requests retry dingtalk.a1 --reason …',
      '- 查看输出：npm run -s loop -- requests show dingtalk.a1',
    ],
  ],
  [
    'a success in a workflow without that button',
    textOf(renderFinal({ ...MESSAGE, ...DONE }, elsewhere(['stop']))),
    [],
  ],
])('where there are no buttons the message of %s names the commands', (_, text, lines) => {
  expect(text.split('\n').filter((line) => line.includes('npm run'))).toEqual(lines);
});

test('who pressed is shown, in both languages', () => {
  const message = { ...MESSAGE, ...FAILED, ...pressed('retry') };
  expect(textOf(renderFinal(message, onCard()))).toContain('- 按钮：王五 🙂 按下“重试”（9月1日 10:00）');
  const english = optionsOf({ kinds: ALL, pressable: true }, 'en');
  expect(textOf(renderFinal(message, english))).toContain('- Button: 王五 🙂 pressed Retry (Sep 1, 10:00)');
  expect(renderFinal(message, english).buttons?.map(({ label }) => label)).toEqual(['Show output']);
});

test('the output of every instance is shown in a message of its own, cut to what the channel takes', () => {
  const instances = [
    instance({ output_tail: '好 🙂\nPROVISION_RESULT {"a":1}\n' }),
    instance({ instance_id: 'i-2', output_tail: '行'.repeat(600) }),
  ];
  const { title, blocks } = renderOutput({ ...MESSAGE, instances }, onCard());
  expect(title).toBe('📄 新员工入职 · E123 的输出');
  expect(textOf({ blocks })).toContain('i-1 的输出（末尾）：\n\n> 好 🙂  ');
  const small = renderOutput({ ...MESSAGE, instances }, { ...onCard(), maxBytes: 1_000 });
  expect(Buffer.byteLength(JSON.stringify(textOf(small)))).toBeLessThanOrEqual(1_000);
});
