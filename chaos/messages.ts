import type { GroupMessage } from '../local/cloud/group-messages.ts';
import type { PlatformName } from '../shared/ids.ts';
import { groupBy } from './group-by.ts';

/** What the oracle looks at in a message. */
export type ShownMessage = Pick<GroupMessage, 'platform' | 'chat' | 'title' | 'text' | 'lives' | 'key' | 'time'>;

/** Titles of what is said on the way to the end. */
const PROGRESS = /^(📝|⏳|💤|⏸️|▶️)/u;

/** What the groups show of a request. */
export interface Told {
  /** Final messages in the groups of the request's own platform. */
  finals: ShownMessage[];
  /** Those that stand there once more because their channel cannot tell whether they did already. */
  repeats: string[];
  /** Messages that must not be there: in a wrong group, or alive and never changed to the end. */
  misleading: string[];
}

export interface Messages {
  /** `chat` is the name of the group that people expect it in. */
  of(requestId: string, chat?: string): Told;
  /** Requests that are named. */
  named: Set<string>;
  /** Titles of messages that name no request. */
  nameless: string[];
}

/** Sorts the messages of all groups by the request whose number each carries. */
export function sortMessages(messages: readonly ShownMessage[]): Messages {
  const named = groupBy(messages, ({ text }) => requestIdOf(text) ?? '');
  const nameless = (named.get('') ?? []).map(({ title }) => title);
  named.delete('');
  return {
    of: (requestId, chat) => toldOf(requestId, chat, named.get(requestId) ?? []),
    named: new Set(named.keys()),
    nameless,
  };
}

function toldOf(requestId: string, chat: string | undefined, messages: readonly ShownMessage[]): Told {
  const platform = messages.find((message) => requestId.startsWith(`${message.platform}.`))?.platform;
  const own = messages.filter((message) => message.platform === platform);
  const finals = own.filter(({ title }) => !PROGRESS.test(title));
  const isAgain = finals.map((message, index) => {
    // One that was not heard of may be in the first group all the same.
    const isElsewhere = finals.length > 1 && chat !== undefined && isGivenUp(chat, [message]);
    return isElsewhere || isRepeat(message, finals.slice(0, index));
  });
  // A message that lives through the request becomes the one with the end, unless its group was out of reach by then.
  const stuck = own.filter(({ lives, title, chat: where }) => lives && PROGRESS.test(title) && !isGivenUp(where, own));
  const elsewhere = messages.filter((message) => !belongs(message, platform, chat));
  return {
    finals: finals.filter((_, index) => !isAgain[index]),
    repeats: finals.filter((_, index) => isAgain[index]).map(({ title }) => title),
    misleading: [...new Set([...stuck, ...elsewhere])].map((one) => `${one.title} in ${one.platform} ${one.chat}`),
  };
}

/** So long Lark knows a message by its `uuid`: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create */
const KEY_MS = 3_600_000;

/**
 * The same words in the same group, where nothing but a key would show that they are the same message; DingTalk's one card
 * of this key, which is delivered once more where nobody knows whether it was; or the same message of Lark after so long
 * that its key is forgotten.
 */
export function isRepeat(message: ShownMessage, earlier: readonly ShownMessage[]): boolean {
  const { platform, chat, text, key, lives, time } = message;
  const isTheSame = (other: ShownMessage) => {
    if (key === undefined) return !lives && other.text === text;
    if (other.key !== key) return false;
    return platform === 'dingtalk' ? lives : time - other.time > KEY_MS;
  };
  return earlier.some((other) => other.chat === chat && isTheSame(other));
}

/** Whether the end went to another group because this one could not be reached, as it says there. */
function isGivenUp(chat: string, messages: readonly ShownMessage[]): boolean {
  return messages.some(({ text }) => text.includes(`群 ${chat} 无法送达`));
}

/** In the group of the request; or, with a word why, in the next one. */
function belongs(message: ShownMessage, platform: PlatformName | undefined, chat: string | undefined): boolean {
  if (message.platform !== platform) return false;
  return chat === undefined || message.chat === chat || isGivenUp(chat, [message]);
}

function requestIdOf(text: string): string | undefined {
  return /^- 编号：([A-Za-z0-9._-]+)/m.exec(text)?.[1];
}
