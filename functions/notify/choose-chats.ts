import type { Origin } from '../../shared/events.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

interface Asked {
  workflow: string;
  platform: PlatformName;
  parameters: Readonly<Record<string, string>>;
  origin?: Origin | undefined;
  /** What was chosen, where the parameters are not known. */
  chat?: string | undefined;
}

/**
 * The chats in the order in which a message tries them: the one where the request was asked for, the one that whoever
 * asked chose from the list, the workflow's own, and the default. A chat that has the request's message already comes
 * first.
 */
export function chooseChats({ workflows, default_chat }: Workflows, request: Asked, begun?: string): string[] {
  const chat = workflows[request.workflow]?.chat;
  const chosen = chat?.parameter === undefined ? undefined : (request.parameters[chat.parameter] ?? request.chat);
  const all = [begun, request.origin?.chat, chosen, chat?.[request.platform], default_chat?.[request.platform]];
  // An optional parameter that was left empty chooses nothing.
  return [...new Set(all.flatMap((name) => name || []))];
}

/** In the chat where the request was asked for, its message is an answer to whoever asked. */
export function replyIn(chat: string, { origin }: Pick<Asked, 'origin'>): { replyTo?: string } {
  return origin?.chat === chat ? { replyTo: origin.message_id } : {};
}
