import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { joinBlocks, type OutgoingMessage } from '../../../shared/message/outgoing-message.ts';
import type { Channel } from '../../../shared/platforms/platform.ts';

/** A message as people of the chat see it: what it showed one after the other. */
export interface Shown {
  id: string;
  titles: string[];
  text: string;
}

export type LivingChats = ReturnType<typeof createLivingChats>;

/** Chats in which a message can change. A key that was used shows nothing new, as Lark has it. */
export function createLivingChats(maxUpdates = 20) {
  const chats = new Map<string, Shown[]>();
  const keys = new Map<string, string>();
  const gone = new Set<string>();
  const silent = new Set<string>();
  const censored = new Map<string, string>();
  const asked: [string, string][] = [];
  const shownIn = (chat: string) => chats.get(chat) ?? [];

  const channel = (chat: string): Channel => {
    const refuseIfGone = (message: OutgoingMessage) => {
      if (silent.has(chat)) throw new TransientError('lark.timeout', 'no answer');
      const forbidden = censored.get(chat);
      if (forbidden !== undefined && textOf(message).includes(forbidden))
        throw new PermanentError('dingtalk.430104', 'the words are refused');
      if (gone.has(chat)) throw new PermanentError('lark.232009', 'the group is dissolved');
    };
    return {
      maxBytes: 14_000,
      maxUpdates,
      isLimited: false,
      post: async (message) => {
        asked.push([chat, message.idempotencyKey]);
        refuseIfGone(message);
        const before = keys.get(message.idempotencyKey);
        if (before !== undefined) return before;
        const id = `om_${keys.size + 1}`;
        keys.set(message.idempotencyKey, id);
        chats.set(chat, [...shownIn(chat), { id, titles: [message.title], text: textOf(message) }]);
        return id;
      },
      update: async (id, message) => {
        refuseIfGone(message);
        const shown = shownIn(chat).find((candidate) => candidate.id === id);
        if (!shown) throw new PermanentError('lark.230110', 'the message is deleted');
        shown.titles.push(message.title);
        shown.text = textOf(message);
      },
    };
  };
  return {
    channel,
    shown: shownIn,
    /** The keys that were asked for in this chat. */
    keys: (chat: string) => asked.flatMap(([to, key]) => (to === chat ? [key] : [])),
    /** Somebody deletes all messages of the chat. */
    clear: (chat: string) => void chats.delete(chat),
    /** The platform does not answer for this chat. */
    silence: (chat: string) => void silent.add(chat),
    /** The platform refuses these words in this chat. */
    censor: (chat: string, words: string) => void censored.set(chat, words),
    dissolve: (chat: string) => void gone.add(chat),
    restore: (chat: string) => void gone.delete(chat),
  };
}

function textOf({ blocks }: OutgoingMessage): string {
  return joinBlocks(blocks);
}
