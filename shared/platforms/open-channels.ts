import type { Chat } from '../workflows/chat-schema.ts';
import type { Workflows } from '../workflows/schema.ts';
import type { Channel } from './platform.ts';

/** The way to every chat that has one here, opened at the start: what is missing for one is found then. */
export function openChannels(
  chats: Workflows['chats'],
  open: (name: string, chat: Chat) => Channel | undefined,
): Map<string, Channel> {
  return new Map(
    Object.entries(chats).flatMap(([name, chat]): [string, Channel][] => {
      const channel = open(name, chat);
      return channel ? [[name, channel]] : [];
    }),
  );
}
