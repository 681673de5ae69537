import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Collection } from '../collection.ts';
import type { StoredMessage } from './chat-message.ts';

/** Every message of every chat, oldest first. */
export interface MessageBoard {
  show(message: Omit<StoredMessage, 'id' | 'time'>, bytes: number): StoredMessage;
  /** Takes a message back; nothing of it stays to be seen. */
  withdraw(id: string): void;
  all(): StoredMessage[];
  /** How many messages since `time` match. */
  countSince(time: number, matches: (message: StoredMessage) => boolean): number;
}

export function createMessageBoard(tools: {
  clock: Clock;
  log: Log;
  newId: () => string;
  messages: Collection<StoredMessage>;
}): MessageBoard {
  const { clock, log, newId, messages } = tools;
  return {
    show(message, bytes) {
      const shown = { ...message, id: newId(), time: clock.now() };
      messages.put(shown);
      log.info('message shown', { chat: message.chat, platform: 'dingtalk', bytes });
      return shown;
    },
    withdraw: (id) => messages.delete(id),
    all: () => messages.all(),
    countSince: (time, matches) => messages.all().filter((message) => message.time > time && matches(message)).length,
  };
}
