import type { PlatformName } from '../../shared/ids.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/**
 * The chats in the order in which a message tries them: the one that whoever asked chose from the list, the workflow's
 * own, and the default. A chat that has the request's message already comes first.
 */
export function chooseChats(
  { workflows, default_chat }: Workflows,
  request: { workflow: string; platform: PlatformName; parameters: Readonly<Record<string, string>> },
  begun?: string,
): string[] {
  const chat = workflows[request.workflow]?.chat;
  const chosen = chat?.parameter === undefined ? undefined : request.parameters[chat.parameter];
  const all = [begun, chosen, chat?.[request.platform], default_chat?.[request.platform]];
  // An optional parameter that was left empty chooses nothing.
  return [...new Set(all.flatMap((name) => name || []))];
}
