import { LarkError } from './api-error.ts';
import { derivedId } from './ids.ts';
import { findUser, type Organisation } from './organisation.ts';

const RECEIVE_ID_TYPES = ['open_id', 'user_id', 'union_id', 'email', 'chat_id'] as const;
export type ReceiveIdType = (typeof RECEIVE_ID_TYPES)[number];

export function receiveIdType(text: string | null): ReceiveIdType | undefined {
  return RECEIVE_ID_TYPES.find((type) => type === text);
}

/** The chat a message goes to: a group, or the private one of the bot and a person. Throws what forbids it. */
export function chatFor(
  organisation: Organisation,
  type: ReceiveIdType,
  id: string,
): { chat: string; chat_id: string } {
  if (type !== 'chat_id') return privateChat(organisation, type, id);
  if (!id.startsWith('oc_')) throw new LarkError(230034, 'The receive_id is invalid.');
  const chat = organisation.chats.find(({ chat_id }) => chat_id === id);
  if (!chat) {
    const owner = organisation.users.find(({ user_id }) => privateChatId(organisation, user_id) === id);
    if (owner) return { chat: owner.name, chat_id: id };
  }
  if (!chat?.bot) throw new LarkError(230002, 'The bot can not be outside the group.');
  if (chat.dissolved) {
    throw new LarkError(232009, 'Your request specifies a chat which has already been dissolved.');
  }
  if (chat.muted) throw new LarkError(230018, 'These operations are NOT allowed at current group settings.');
  return { chat: chat.name, chat_id: id };
}

function privateChat(organisation: Organisation, type: Exclude<ReceiveIdType, 'chat_id'>, id: string) {
  const user =
    type === 'email' ? organisation.users.find(({ email }) => email === id) : findUser(organisation, id, type);
  if (!user) throw new LarkError(230034, 'The receive_id is invalid.');
  return { chat: user.name, chat_id: privateChatId(organisation, user.user_id) };
}

function privateChatId({ app }: Organisation, userId: string): string {
  return derivedId('oc_', app.app_id, userId);
}
