import type { PressKind } from '../../shared/events.ts';
import type { Language } from '../../shared/workflows/schema.ts';

/** What whoever pressed a button is told. */
export interface PressTexts {
  taken: Record<PressKind, string>;
  unknown: string;
  notAllowed: string;
  already: (name: string) => string;
  ended: string;
  notRunning: string;
  notEnded: string;
  nothingFailed: string;
  triedAgain: (requestId: string) => string;
}

export const PRESS_TEXTS: Record<Language, PressTexts> = {
  'zh-CN': {
    taken: { stop: '正在停止。', retry: '正在重试失败的实例。', output: '输出会发到本群。' },
    unknown: '这里没有这个申请。',
    notAllowed: '您没有权限操作，请联系运维人员。',
    already: (name) => `${name} 已经按过。`,
    ended: '执行已经结束。',
    notRunning: '还没有开始执行。',
    notEnded: '执行还没有结束。',
    nothingFailed: '没有失败的实例，无需重试。',
    triedAgain: (requestId) => `已经重试过，编号 ${requestId}。`,
  },
  en: {
    taken: {
      stop: 'It is being stopped.',
      retry: 'What failed is tried again.',
      output: 'The output comes to this chat.',
    },
    unknown: 'There is no such request here.',
    notAllowed: 'You may not do this; please ask an operator.',
    already: (name) => `${name} has pressed it already.`,
    ended: 'The run has ended.',
    notRunning: 'Nothing runs yet.',
    notEnded: 'The run has not ended yet.',
    nothingFailed: 'No instance failed; there is nothing to try again.',
    triedAgain: (requestId) => `It was tried again already, as ${requestId}.`,
  },
};
