import { PRESS_KINDS, type PressKind } from '../../events.ts';
import type { MessageBlock } from '../../message/outgoing-message.ts';
import { ANSWER, REQUEST_ID } from './card-press.ts';

/** A variable of the card template, as the template declares it; what is sent is text whatever its type. */
export interface CardVariable {
  name: string;
  type: 'string' | 'markdown';
  /** Whether each person has a value of their own. */
  private: boolean;
  /** What people who edit the template read. */
  description: string;
}

/** One paragraph each, in the order in which they stand on the card. */
export const PARAGRAPHS: readonly { name: MessageBlock['name']; description: string }[] = [
  { name: 'reason', description: '等待、失败或被拒绝的原因' },
  { name: 'request', description: '谁申请了什么，谁同意' },
  { name: 'run', description: '每台机器及其结果' },
  { name: 'reference', description: '编号、记录指纹、审批链接' },
  { name: 'output', description: '失败脚本的最后输出' },
];

/** What stands on a button; one whose label is empty is not shown. */
export function labelOf(what: PressKind): string {
  return `${what}_label`;
}

const text = (name: string, description: string): CardVariable => ({
  name,
  type: 'string',
  private: false,
  description,
});

/** Every variable of the template; those from the labels on are used only by workflows that have buttons. */
export const CARD_VARIABLES: readonly CardVariable[] = [
  text('title', '标题'),
  text('tone', '状态：running、success、warning、failure、neutral'),
  ...PARAGRAPHS.map((paragraph) => ({ ...paragraph, type: 'markdown' as const, private: false })),
  ...PRESS_KINDS.map((what) => text(labelOf(what), `按钮 ${what} 的文字，空则不显示`)),
  text(REQUEST_ID, '卡片所属的请求'),
  { ...text(ANSWER, '按下按钮的人看到的答复'), private: true },
];
